using System.Globalization;
using System.Text;

namespace OssProxy.Core.Rendering;

/// <summary>
/// <c>average-hue</c>. OSS's FAQ: the mean of all pixels is taken, those whose distance from it exceeds a threshold are collected, and
/// the answer is their mean; the threshold is not told. What no pixel exceeds has the plain mean. The answer is JSON: most clients parse
/// that, whatever the manual says.
/// </summary>
internal static class MainColour
{
    // A quarter of the range of one channel; a picture that varies less is its mean.
    private const int Threshold = 64;

    public static byte[] Json(Picture picture)
    {
        var (red, green, blue) = Of(picture.Image.Pixels(), picture.Image.Bands);
        return Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"RGB":"0x{{red:x2}}{{green:x2}}{{blue:x2}}"}"""));
    }

    public static (byte Red, byte Green, byte Blue) Of(ReadOnlySpan<byte> pixels, int bands)
    {
        var all = Mean(pixels, bands, (0, 0, 0), atLeast: -1);
        var far = Mean(pixels, bands, all.Mean, Threshold);
        var (red, green, blue) = far.Weight > 0 ? far.Mean : all.Mean;
        return ((byte)Math.Round(red), (byte)Math.Round(green), (byte)Math.Round(blue));
    }

    private static ((double Red, double Green, double Blue) Mean, double Weight) Mean(
        ReadOnlySpan<byte> pixels, int bands, (double Red, double Green, double Blue) from, double atLeast)
    {
        double red = 0, green = 0, blue = 0, weight = 0;
        for (var at = 0; at + bands <= pixels.Length; at += bands)
        {
            var (r, g, b) = (pixels[at], pixels[at + 1], pixels[at + 2]);
            var distance = Math.Sqrt(Math.Pow(r - from.Red, 2) + Math.Pow(g - from.Green, 2) + Math.Pow(b - from.Blue, 2));
            if (distance <= atLeast)
                continue;

            // What is transparent counts as little as it is seen.
            var opacity = bands == 4 ? pixels[at + 3] / 255.0 : 1;
            red += r * opacity;
            green += g * opacity;
            blue += b * opacity;
            weight += opacity;
        }

        return weight == 0 ? ((255, 255, 255), 0) : ((red / weight, green / weight, blue / weight), weight);
    }
}
