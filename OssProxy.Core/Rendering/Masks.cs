namespace OssProxy.Core.Rendering;

/// <summary>How much of each pixel is inside a shape, 0–255.</summary>
internal sealed record Mask(int Width, int Height, byte[] Pixels);

/// <summary>The shapes, computed here: drawing them as SVG would mean a parser of SVG, which nothing else needs. The edge is smoothed by
/// the distance of a pixel's middle from it.</summary>
internal static class Masks
{
    /// <summary>A disc of <paramref name="radius"/> and the middle pixel.</summary>
    public static Mask Circle(int side, int radius)
    {
        var pixels = new byte[side * side];
        for (var y = 0; y < side; y++)
        {
            for (var x = 0; x < side; x++)
                pixels[(y * side) + x] = Inside(radius + 0.5, x - radius, y - radius);
        }

        return new Mask(side, side, pixels);
    }

    public static Mask RoundedCorners(int width, int height, int radius)
    {
        var pixels = new byte[checked(width * height)];
        pixels.AsSpan().Fill(255);
        for (var y = 0; y < radius; y++)
        {
            for (var x = 0; x < radius; x++)
            {
                var inside = Inside(radius, radius - x - 0.5, radius - y - 0.5);
                var (right, bottom) = (width - 1 - x, height - 1 - y);
                pixels[(y * width) + x] = inside;
                pixels[(y * width) + right] = inside;
                pixels[(bottom * width) + x] = inside;
                pixels[(bottom * width) + right] = inside;
            }
        }

        return new Mask(width, height, pixels);
    }

    private static byte Inside(double radius, double x, double y) =>
        (byte)Math.Round(255 * Math.Clamp(radius + 0.5 - Math.Sqrt((x * x) + (y * y)), 0, 1));
}
