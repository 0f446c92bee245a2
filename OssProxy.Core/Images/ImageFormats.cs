namespace OssProxy.Core.Images;

/// <summary>What OSS calls the formats of pictures.</summary>
public static class ImageFormats
{
    /// <summary>The format of a name; null for none. <c>jpeg</c> is <c>jpg</c>; case counts.</summary>
    public static ImageFormat? Parse(string name) => name switch
    {
        "jpg" or "jpeg" => ImageFormat.Jpeg,
        "png" => ImageFormat.Png,
        "webp" => ImageFormat.WebP,
        "bmp" => ImageFormat.Bmp,
        "gif" => ImageFormat.Gif,
        "tiff" => ImageFormat.Tiff,
        "heic" => ImageFormat.Heic,
        "avif" => ImageFormat.Avif,
        _ => null,
    };

    /// <summary>The name of a format; empty for <see cref="ImageFormat.Source"/>, which is none by itself.</summary>
    public static string Word(this ImageFormat format) => format switch
    {
        ImageFormat.Source => "",
        ImageFormat.Jpeg => "jpg",
        var other => other.ToString().ToLowerInvariant(),
    };
}
