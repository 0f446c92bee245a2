using System.Buffers.Binary;
using System.Diagnostics;

namespace OssProxy.Tests.Videos;

/// <summary>Small videos, made by the real program when the first test asks for them: two seconds, ten pictures a second, a key frame every
/// second, 320 by 180.</summary>
internal static class TestVideo
{
    private const string Input = "testsrc=d=2:s=320x180:r=10";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    // Each once, however many tests ask at the same time.
    private static readonly Dictionary<string, Task<byte[]>> Made = new(StringComparer.Ordinal);

    /// <summary>Its index stands at the end, as phones write it.</summary>
    public static Task<byte[]> IndexLastAsync() => OnceAsync("mp4", "-f", "lavfi", "-i", Input, "-c:v", "mpeg4", "-q:v", "2", "-g", "10");

    /// <summary>Its index stands first.</summary>
    public static async Task<byte[]> IndexFirstAsync() => await ConvertAsync(await IndexLastAsync(), "-c", "copy", "-movflags", "faststart");

    /// <summary>To be turned by a quarter when it is shown.</summary>
    public static async Task<byte[]> TurnedAsync()
    {
        // The matrix of the track's header (ISO/IEC 14496-12, 8.3.2), written by hand: how the program is told so changes with its versions.
        var video = (byte[])(await IndexLastAsync()).Clone();
        var matrix = video.AsSpan(video.AsSpan().IndexOf("tkhd"u8) + 44, 36);
        int[] values = [0, 0x10000, 0, -0x10000, 0, 0, 180 << 16, 0, 0x40000000];
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteInt32BigEndian(matrix[(4 * i)..], values[i]);
        return video;
    }

    public static Task<byte[]> WebMAsync() => OnceAsync("webm", "-f", "lavfi", "-i", Input, "-c:v", "libvpx", "-g", "10");

    /// <summary>8000 by 6000 pixels, in half a megabyte.</summary>
    public static Task<byte[]> HugeAsync() =>
        OnceAsync("mp4", "-f", "lavfi", "-i", "color=c=red:s=8000x6000:r=1:d=1", "-c:v", "mpeg4", "-frames:v", "1");

    /// <summary>Much more between its index and its end than a picture needs.</summary>
    /// <param name="indexFirst">Whether the index stands before it.</param>
    public static async Task<byte[]> LongAsync(bool indexFirst) =>
        indexFirst ? await ConvertAsync(await LongAsync(), "-c", "copy", "-movflags", "faststart") : await LongAsync();

    private static Task<byte[]> LongAsync() =>
        OnceAsync("mp4", "-f", "lavfi", "-i", "testsrc2=d=20:s=640x360:r=15", "-c:v", "mpeg4", "-q:v", "1", "-g", "15");

    private static Task<byte[]> OnceAsync(string format, params string[] arguments)
    {
        lock (Made)
        {
            var name = string.Join(' ', arguments);
            if (!Made.TryGetValue(name, out var made))
                Made.Add(name, made = MakeAsync(format, arguments));
            return made;
        }
    }

    private static async Task<byte[]> ConvertAsync(byte[] video, params string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("ossproxy-video-");
        try
        {
            var file = Path.Combine(folder.FullName, "given.mp4");
            await File.WriteAllBytesAsync(file, video);
            return await MakeAsync("mp4", ["-i", file, .. arguments]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<byte[]> MakeAsync(string format, params string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("ossproxy-video-");
        try
        {
            var file = Path.Combine(folder.FullName, "made." + format);
            using var deadline = new CancellationTokenSource(Patience);
            using var process = new Process();
            process.StartInfo = new("ffmpeg", ["-nostdin", "-hide_banner", "-loglevel", "error", "-threads", "1", .. arguments, file])
            {
                UseShellExecute = false,
                RedirectStandardError = true,
            };
            process.Start();
            var errors = await process.StandardError.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            process.ExitCode.Should().Be(0, errors);
            return await File.ReadAllBytesAsync(file);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
