using OssProxy.Core.Images;
using OssProxy.Core.Rendering.Vips;

namespace OssProxy.Core.Rendering;

/// <summary>
/// <c>blur</c>, <c>bright</c>, <c>contrast</c>, <c>sharpen</c>. OSS's manual names ranges and no formulas, so these are ours: the
/// plainest that keep what it does say, that 0 changes nothing. Opacity is left alone, except by the blur.
/// </summary>
internal static class Effects
{
    public static VipsImage Applied(VipsWorkshop workshop, VipsImage image, ImageAction effect)
    {
        if (effect is Blur blur)
            return Blurred(workshop, image, blur);

        var (colour, alpha) = Colours.Split(workshop, image);
        return Colours.Joined(workshop, effect switch
        {
            Bright bright => Linear(workshop, colour, 1, 2.55 * bright.Amount),
            Contrast contrast => Contrasted(workshop, colour, contrast.Amount),
            Sharpen sharpen => Sharpened(workshop, colour, sharpen.Amount),
            _ => throw new ArgumentOutOfRangeException(nameof(effect), effect, "Not an effect."),
        }, alpha);
    }

    /// <summary>A Gaussian of standard deviation s, cut off at radius r.</summary>
    private static VipsImage Blurred(VipsWorkshop workshop, VipsImage image, Blur blur)
    {
        // Whole numbers, the middle one 255: libvips has a fast way for those, and its rounding stays below a step of 8-bit colour.
        var row = new double[(2 * blur.Radius) + 1];
        for (var at = -blur.Radius; at <= blur.Radius; at++)
            row[at + blur.Radius] = Math.Round(255 * Math.Exp(-(double)at * at / (2.0 * blur.Sigma * blur.Sigma)));

        var multiplied = image.Bands == 4 ? Colours.EightBit(workshop, workshop.Call("premultiply").With("in", image).Image()) : image;
        var blurred = workshop.Call("convsep").With("in", multiplied).With("mask", workshop.Matrix(row, row.Length, 1))
            .With("precision", VipsEnums.PrecisionInteger).Image();
        return image.Bands == 4
            ? Colours.EightBit(workshop, workshop.Call("unpremultiply").With("in", blurred).Image())
            : blurred;
    }

    /// <summary>Turned about the middle grey; 100 leaves only black and white, -100 only grey.</summary>
    private static VipsImage Contrasted(VipsWorkshop workshop, VipsImage colour, int amount)
    {
        // The usual curve of factors: 1 at 0, 0 at -100, and 129 at 100.
        var level = 2.55 * amount;
        var factor = 259 * (level + 255) / (255 * (259 - level));
        return Linear(workshop, colour, factor, 128 * (1 - factor));
    }

    /// <summary>What a pixel differs by from its eight neighbours is added once more, times amount ÷ 100.</summary>
    private static VipsImage Sharpened(VipsWorkshop workshop, VipsImage colour, int amount)
    {
        double edge = -amount, middle = 800 + (8 * amount);
        double[] matrix = [edge, edge, edge, edge, middle, edge, edge, edge, edge];
        return Colours.EightBit(workshop, workshop.Call("conv").With("in", colour).With("mask", workshop.Matrix(matrix, 3, 3))
            .With("precision", VipsEnums.PrecisionInteger).Image());
    }

    private static VipsImage Linear(VipsWorkshop workshop, VipsImage colour, double factor, double offset) =>
        workshop.Call("linear").With("in", colour).With("a", factor).With("b", offset).With("uchar", true).Image();
}
