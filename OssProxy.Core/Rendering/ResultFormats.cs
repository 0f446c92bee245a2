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

    /// <summary>Longest side of a WebP: 14 bits (RFC 9649, 2.5).</summary>
    public const int WebPSide = 16_383;

    /// <summary>Pixels of an AVIF or HEIC (OSS's EC 014). Beyond it the encoder takes seconds, and cannot be interrupted.</summary>
    public const long AvifPixels = 4096L * 2304;

    /// <summary>Whether a picture of this size, in pixels, can be written so.</summary>
    public static bool Holds(this ImageFormat format, int width, int height) => format switch
    {
        ImageFormat.WebP => Math.Max(width, height) <= WebPSide,
        ImageFormat.Avif or ImageFormat.Heic => (long)width * height <= AvifPixels,
        _ => true,
    };

    public static bool HoldsFrames(this ImageFormat format) => format is ImageFormat.Gif or ImageFormat.WebP;
}
