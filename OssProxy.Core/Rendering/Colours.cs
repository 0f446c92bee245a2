using OssProxy.Core.Rendering.Vips;

namespace OssProxy.Core.Rendering;

/// <summary>Brings colours of every kind to the one that results have: sRGB, eight bits, with or without alpha.</summary>
internal static class Colours
{
    /// <summary>CMYK, which must become sRGB before it is scaled: by its own profile, or by one for print where it has none.</summary>
    public static VipsImage FromPrint(VipsWorkshop workshop, VipsImage image, bool byProfile) =>
        Transformed(workshop.Call("icc_transform").With("in", image).With("input-profile", "cmyk").With("embedded", byProfile));

    /// <param name="byProfile">Whether the picture's own profile is followed; photos of phones look dull without.</param>
    public static VipsImage ToSrgb(VipsWorkshop workshop, VipsImage image, bool byProfile)
    {
        if (byProfile)
            image = Transformed(workshop.Call("icc_transform").With("in", image).With("embedded", true));
        if (image.Interpretation != VipsEnums.InterpretationSrgb || image.Bands < 3)
            image = workshop.Call("colourspace").With("in", image).With("space", VipsEnums.InterpretationSrgb).Image();
        if (image.Format != VipsEnums.FormatUChar)
            image = workshop.Call("cast").With("in", image).With("format", VipsEnums.FormatUChar).Image();
        return image.Bands <= 4 ? image : workshop.Call("extract_band").With("in", image).With("band", 0).With("n", 4).Image();
    }

    public static VipsImage WithAlpha(VipsWorkshop workshop, VipsImage image) =>
        image.Bands == 4 ? image : workshop.Call("bandjoin_const").With("in", image).With("c", 255).Image();

    public static VipsImage OnWhite(VipsWorkshop workshop, VipsImage image) =>
        image.Bands == 4 ? workshop.Call("flatten").With("in", image).With("background", 255, 255, 255).Image() : image;

    public static (VipsImage Colour, VipsImage? Alpha) Split(VipsWorkshop workshop, VipsImage image) => image.Bands == 4
        ? (workshop.Call("extract_band").With("in", image).With("band", 0).With("n", 3).Image(),
            workshop.Call("extract_band").With("in", image).With("band", 3).Image())
        : (image, null);

    public static VipsImage Joined(VipsWorkshop workshop, VipsImage colour, VipsImage? alpha) =>
        alpha is null ? colour : workshop.Call("bandjoin").With("in", [colour, alpha]).Image();

    public static VipsImage EightBit(VipsWorkshop workshop, VipsImage image) => image.Format == VipsEnums.FormatUChar
        ? image
        : workshop.Call("cast").With("in", image).With("format", VipsEnums.FormatUChar).Image();

    private static VipsImage Transformed(VipsCall transform) => transform.With("output-profile", "srgb").Image();
}
