namespace OssProxy.Core.Images;

/// <summary>The quality at which a result is written.</summary>
public static class OutputQuality
{
    /// <summary>What a JPEG gets at most where nothing was asked for: more only makes it larger.</summary>
    public const int Jpeg = 85;

    /// <summary>What a WebP gets where nothing was asked for.</summary>
    public const int WebP = 80;

    /// <summary>What AVIF and HEIC get; <c>quality</c> does not concern them.</summary>
    public const int Avif = 50;

    /// <summary>The encoder's quality, 1–100; null for a format that has none.</summary>
    /// <param name="asked"><see cref="ImageProcess.Quality"/>.</param>
    /// <param name="output">The format that is written.</param>
    /// <param name="source">The quality of a source that is a JPEG (<see cref="JpegQuality.Estimate"/>); null for any other.</param>
    public static int? Of(Quality? asked, ImageFormat output, int? source) => output switch
    {
        ImageFormat.Jpeg => Asked(asked, source) ?? Math.Min(source ?? Jpeg, Jpeg),
        ImageFormat.WebP => Asked(asked, source) ?? WebP,
        ImageFormat.Avif or ImageFormat.Heic => Avif,
        _ => null,
    };

    // Q is a ceiling that the source's own quality lowers, q a percentage of it; where the source has none, both are the quality itself.
    private static int? Asked(Quality? asked, int? source) => asked switch
    {
        { Absolute: { } absolute } => Math.Min(absolute, source ?? absolute),
        { Relative: { } relative } => source is { } own ? Math.Max(1, ((own * relative) + 50) / 100) : relative,
        _ => null,
    };
}
