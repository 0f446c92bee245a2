using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;
using OssProxy.Tests.Browsers;

namespace OssProxy.Tests.Conformance;

/// <summary>What a decoder that is not ours says of a picture: a browser's, and for TIFF, which browsers do not know, that of FFmpeg.</summary>
public sealed class PictureJudge(IPage page)
{
    // Colours as they are stored, not multiplied by their alpha.
    private const string Look = """
        async ({ picture, other, type, points }) => {
          const bytes = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
          const pixels = async text => {
            const bitmap = await createImageBitmap(new Blob([bytes(text)], { type }),
              { colorSpaceConversion: 'none', premultiplyAlpha: 'none' });
            const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
            const context = canvas.getContext('2d', { willReadFrequently: true });
            context.drawImage(bitmap, 0, 0);
            return { context, width: bitmap.width, height: bitmap.height };
          };
          const one = await pixels(picture);
          const decoder = new ImageDecoder({ data: bytes(picture), type });
          await decoder.tracks.ready;
          await decoder.completed;
          const found = {
            width: one.width, height: one.height, frames: decoder.tracks.selectedTrack.frameCount,
            points: points.map(point => [...one.context.getImageData(point.x, point.y, 1, 1).data]),
          };
          decoder.close();
          if (other) {
            const two = await pixels(other);
            const [a, b] = [one, two].map(each => each.context.getImageData(0, 0, one.width, one.height).data);
            const box = { left: one.width, top: one.height, right: -1, bottom: -1 };
            for (let at = 0; at < a.length; at += 4)
              if (Math.max(Math.abs(a[at] - b[at]), Math.abs(a[at + 1] - b[at + 1]), Math.abs(a[at + 2] - b[at + 2])) > 24) {
                const x = (at / 4) % one.width, y = Math.floor(at / 4 / one.width);
                box.left = Math.min(box.left, x); box.right = Math.max(box.right, x);
                box.top = Math.min(box.top, y); box.bottom = Math.max(box.bottom, y);
              }
            found.changed = [box.left, box.top, box.right, box.bottom];
          }
          return JSON.stringify(found);
        }
        """;

    /// <summary>Opens a window on a page of loopback, where decoders may be used.</summary>
    public static async Task<(BrowserVisit Visit, PictureJudge Judge)> AtAsync(Chromium chromium, Uri address)
    {
        var visit = await chromium.VisitAsync();
        await visit.Page.GotoAsync(new Uri(address, "/healthz").ToString());
        return (visit, new PictureJudge(visit.Page));
    }

    /// <summary>The format by the first bytes, in the words of OSS.</summary>
    public static string FormatOf(ReadOnlySpan<byte> file) =>
        file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? "jpg"
        : file.Length > 4 && file[1..].StartsWith("PNG"u8) ? "png"
        : file.StartsWith("GIF8"u8) ? "gif"
        : file.StartsWith("BM"u8) ? "bmp"
        : file.StartsWith("II*\0"u8) || file.StartsWith("MM\0*"u8) ? "tiff"
        : file.Length > 12 && file[8..].StartsWith("WEBP"u8) ? "webp"
        : file.Length > 12 && file[4..].StartsWith("ftypavif"u8) ? "avif"
        : file.Length > 12 && file[4..].StartsWith("ftyphei"u8) ? "heic"
        : "none";

    /// <summary>Decodes a picture, and compares it with another of the same size where one is given.</summary>
    public async Task<JudgedPicture> LookAsync(byte[] picture, IReadOnlyList<(int X, int Y)> points, byte[]? other)
    {
        var format = FormatOf(picture);
        if (format == "tiff")
            return await LookAtTiffAsync(picture);
        if (format == "heic")
            return LookAtHeic(picture);
        var found = await page.EvaluateAsync<string>(Look, new
        {
            picture = Convert.ToBase64String(picture),
            other = other is null ? null : Convert.ToBase64String(other),
            type = "image/" + (format == "jpg" ? "jpeg" : format),
            points = points.Select(point => new { x = point.X, y = point.Y }).ToArray(),
        });
        using var json = JsonDocument.Parse(found);
        var root = json.RootElement;
        return new JudgedPicture(format, root.GetProperty("width").GetInt32(), root.GetProperty("height").GetInt32(), root.GetProperty("frames").GetInt32())
        {
            Points = [.. root.GetProperty("points").EnumerateArray().Select(point => point.EnumerateArray().Select(one => one.GetInt32()).ToArray())],
            Changed = root.TryGetProperty("changed", out var box) ? [.. box.EnumerateArray().Select(one => one.GetInt32())] : null,
        };
    }

    // No decoder at hand knows it but the one that is to be judged: what its container says (ISO/IEC 23008-12, 6.5.3).
    private static JudgedPicture LookAtHeic(byte[] picture)
    {
        var extent = picture.AsSpan()[(picture.AsSpan().IndexOf("ispe"u8) + 8)..];
        return new JudgedPicture("heic", BinaryPrimitives.ReadInt32BigEndian(extent), BinaryPrimitives.ReadInt32BigEndian(extent[4..]), 1);
    }

    // It jumps about in the file, so it cannot come by a pipe.
    private static async Task<JudgedPicture> LookAtTiffAsync(byte[] picture)
    {
        var file = Path.Combine(Path.GetTempPath(), $"ossproxy-judged-{Guid.NewGuid():N}.tif");
        await File.WriteAllBytesAsync(file, picture);
        try
        {
            var start = new ProcessStartInfo("ffprobe") { UseShellExecute = false, RedirectStandardOutput = true };
            foreach (var argument in (string[])["-v", "error", "-show_entries", "stream=width,height", "-of", "csv=p=0", file])
                start.ArgumentList.Add(argument);
            using var probe = Process.Start(start)!;
            var output = probe.StandardOutput.ReadToEndAsync();
            await probe.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20));
            var sides = (await output).Trim().Split(',');
            return new JudgedPicture("tiff", int.Parse(sides[0], CultureInfo.InvariantCulture), int.Parse(sides[1], CultureInfo.InvariantCulture), 1);
        }
        finally
        {
            File.Delete(file);
        }
    }
}

/// <summary>A picture as its decoder sees it.</summary>
public sealed record JudgedPicture(string Format, int Width, int Height, int Frames)
{
    /// <summary>Red, green, blue and alpha at the points that were asked for.</summary>
    public IReadOnlyList<int[]> Points { get; init; } = [];

    /// <summary>Left, top, right and bottom of what differs from the other picture; right is -1 when nothing does.</summary>
    public int[]? Changed { get; init; }
}
