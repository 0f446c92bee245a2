using System.Globalization;
using System.Text;
using OssProxy.Core.Images;
using OssProxy.Core.Rendering.Vips;

namespace OssProxy.Core.Rendering;

/// <summary>
/// Draws the text of a watermark: Pango makes a mask of its ink, and colour, opacity and shadow are laid through the mask here. The size
/// of the mark is that of the ink, which is what <c>x</c> and <c>y</c> are measured to.
/// </summary>
internal static class WatermarkText
{
    // A mask may be this many times the picture, or as large as this in any case: small pictures take a text that sticks out.
    private const long MostTimes = 4, AlwaysPixels = 4_000_000;

    /// <summary>Pango's description of a font of OSS's name. At 72 dots an inch its points are pixels.</summary>
    public static string FontOf(string name, int size) =>
        string.Create(CultureInfo.InvariantCulture, $"{WatermarkFonts.Families(name)} {size}");

    /// <summary>The text in four bands; null when it has no ink (spaces only).</summary>
    /// <param name="picturePixels">Pixels of what it is laid upon.</param>
    /// <exception cref="ImageException">It cannot be drawn, or is too large for the picture.</exception>
    public static VipsImage? Draw(VipsWorkshop workshop, Watermark mark, long picturePixels, EngineReport report)
    {
        var text = mark.Text!.Trim();
        if (text.Length == 0)
            return null;
        if (!report.RendersText || (!report.RendersChinese && text.EnumerateRunes().Any(IsChinese)))
            throw Refusals.NoFont();

        VipsImage mask;
        try
        {
            mask = workshop.Call("text").With("text", Escaped(text)).With("font", FontOf(mark.Font, mark.Size)).With("dpi", 72).Image();
        }
        catch (VipsException failure)
        {
            throw Refusals.NoFont(failure);
        }

        if ((long)mask.Width * mask.Height > Math.Max(AlwaysPixels, picturePixels * MostTimes))
            throw Refusals.MarkTooLarge();

        var (pixels, width, height) = Painted(mask, mark);
        var image = workshop.FromPixels(pixels, width, height, 4);
        return mark.Rotate % 360 == 0 ? image : PictureSteps.Turned(workshop, image, mark.Rotate % 360);
    }

    /// <summary>Pango reads markup: an unescaped <c>&lt;span size=…&gt;</c> could draw a letter of any size.</summary>
    public static string Escaped(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '&': escaped.Append("&amp;"); break;
                case '<': escaped.Append("&lt;"); break;
                case '>': escaped.Append("&gt;"); break;

                // One line only; and characters that XML does not know would be an error of the markup.
                case < ' ' or 0x7F or 0x2028 or 0x2029 or 0xFFFE or 0xFFFF: escaped.Append(' '); break;
                default: escaped.Append(rune); break;
            }
        }

        return escaped.ToString();
    }

    /// <summary>Colour where there is ink, above a black shadow that is shifted to the lower right.</summary>
    private static (byte[] Pixels, int Width, int Height) Painted(VipsImage mask, Watermark mark)
    {
        var (inkWidth, inkHeight) = (mask.Width, mask.Height);
        var shift = mark.Shadow == 0 ? 0 : Math.Max(1, mark.Size / 20);
        var (width, height) = (inkWidth + shift, inkHeight + shift);
        var ink = mask.Pixels();
        var pixels = new byte[checked(width * height * 4)];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var above = Ink(x, y);
                var below = shift == 0 ? 0 : Ink(x - shift, y - shift) * mark.Shadow / 100 * (1 - above);
                var opacity = above + below;
                if (opacity <= 0)
                    continue;

                var share = above / opacity;
                var at = 4 * ((y * width) + x);
                pixels[at] = (byte)Math.Round(mark.Color.Red * share);
                pixels[at + 1] = (byte)Math.Round(mark.Color.Green * share);
                pixels[at + 2] = (byte)Math.Round(mark.Color.Blue * share);
                pixels[at + 3] = (byte)Math.Round(255 * opacity);
            }
        }

        return (pixels, width, height);

        double Ink(int x, int y) =>
            x < 0 || y < 0 || x >= inkWidth || y >= inkHeight ? 0 : ink[(y * inkWidth) + x] / 255.0;
    }

    private static bool IsChinese(Rune rune) => rune.Value is (>= 0x3400 and <= 0x9FFF) or (>= 0x2_0000 and <= 0x3_FFFF);
}
