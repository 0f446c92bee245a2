using OssProxy.Core.Images;

namespace OssProxy.Core.Rendering;

/// <summary>What the formats of results can hold.</summary>
internal static class ResultFormats
{
    public static string MediaType(this ImageFormat format) => format switch
    {
        ImageFormat.Jpeg => "image/jpeg",
        ImageFormat.Png => "image/png",
        ImageFormat.WebP => "image/webp",
        ImageFormat.Bmp => "image/bmp",
        ImageFormat.Gif => "image/gif",
        ImageFormat.Tiff => "image/tiff",
        ImageFormat.Heic => "image/heic",
        ImageFormat.Avif => "image/avif",
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "Not a format of results."),
    };

    /// <summary>Whether what is transparent stays so; elsewhere it becomes white.</summary>
    public static bool HoldsAlpha(this ImageFormat format) => format is not ImageFormat.Jpeg;

    public static bool HoldsFrames(this ImageFormat format) => format is ImageFormat.Gif or ImageFormat.WebP;
}
