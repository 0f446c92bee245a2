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
        using var process = Process.Start(new ProcessStartInfo(
            "ffmpeg",
            [
                "-hide_banner", "-loglevel", "error", "-err_detect", "crccheck+explode", "-f", "png_pipe", "-i", "pipe:0",
                "-f", "rawvideo", "-pix_fmt", "gray", "pipe:1",
            ]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
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
        foreach (Match one in Regex.Matches(svg, @"M(\d+) (\d+)h(\d+)v(\d+)h-\3z", RegexOptions.None, TimeSpan.FromSeconds(5)))
        {
            var (x, y, width, height) = (Number(one, 1), Number(one, 2), Number(one, 3), Number(one, 4));
            for (var row = y; row < y + height; row++)
                pixels.AsSpan((row * side) + x, width).Clear();
        }

        return pixels;
    }

    private static int Number(Match match, int group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);
}
