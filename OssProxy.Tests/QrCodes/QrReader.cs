using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using ZXing;
using ZXing.Common;

namespace OssProxy.Tests.QrCodes;

/// <summary>Reads QR codes with code of others: pictures by ffmpeg, codes by ZXing.</summary>
internal static class QrReader
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The grey values of a picture; its size is the caller's word, and checked.</summary>
    public static async Task<byte[]> PixelsAsync(byte[] picture, int side)
    {
        using var deadline = new CancellationTokenSource(Patience);
        string[] arguments =
        [
            "-hide_banner", "-loglevel", "error", "-err_detect", "crccheck+explode", "-f", "png_pipe", "-i", "pipe:0",
            "-f", "rawvideo", "-pix_fmt", "gray", "pipe:1",
        ];
        using var process = new Process();
        process.StartInfo = new("ffmpeg", arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        process.Start();
        using var pixels = new MemoryStream();
        var copying = process.StandardOutput.BaseStream.CopyToAsync(pixels, deadline.Token);
        var errors = process.StandardError.ReadToEndAsync(deadline.Token);
        await process.StandardInput.BaseStream.WriteAsync(picture, deadline.Token);
        process.StandardInput.Close();
        await copying;
        (await errors).Should().BeEmpty();
        pixels.Length.Should().Be((long)side * side);
        return pixels.ToArray();
    }

    /// <summary>What a code says; null when it cannot be read.</summary>
    public static string? Read(byte[] pixels, int side)
    {
        var reader = new BarcodeReaderGeneric
        {
            Options = new DecodingOptions { PossibleFormats = [BarcodeFormat.QR_CODE], TryHarder = true, CharacterSet = "UTF-8" },
        };
        return reader.Decode(new RGBLuminanceSource(pixels, side, side, RGBLuminanceSource.BitmapFormat.Gray8))?.Text;
    }

    /// <summary>Fills the rectangles of an SVG of ours.</summary>
    public static byte[] Fill(string svg, int side)
    {
        var pixels = new byte[side * side];
        Array.Fill(pixels, (byte)255);
        const string Rectangle = @"M(?<x>\d+) (?<y>\d+)h(?<w>\d+)v(?<h>\d+)h-\k<w>z";
        foreach (Match one in Regex.Matches(svg, Rectangle, RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5)))
        {
            var (x, y, width, height) = (Number(one, "x"), Number(one, "y"), Number(one, "w"), Number(one, "h"));
            for (var row = y; row < y + height; row++)
                pixels.AsSpan((row * side) + x, width).Clear();
        }

        return pixels;
    }

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);
}
