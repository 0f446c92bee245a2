using System.Globalization;
using OssProxy.Core.Images;

namespace OssProxy.Core.Rendering;

/// <summary>What the engine refuses, each with OSS's code and number, in OSS's words where they are known. What a library said goes
/// along as the inner exception, for logs: it is no client's business.</summary>
internal static class Refusals
{
    private const string Numbers = "0040-00000";

    public static ImageException Unsupported() => new(
        ImageError.ProcessRefused, "BadRequest", "The format of the image is not supported.", Numbers + "005");

    public static ImageException Damaged(SourceKind kind, Exception? reason = null) => new(
        ImageError.ImageDamaged, "ImageDamage", "The image file may be damaged.", kind switch
        {
            SourceKind.WebP => Numbers + "010",
            SourceKind.Heic => Numbers + "020",
            _ => null,
        }, reason);

    public static ImageException NoDecoder(SourceKind kind, Exception? reason = null) => new(
        ImageError.EngineMissing, "NotImplemented",
        $"The image library here cannot decode {kind.Word()}: HEIC needs the distribution's libvips and libheif (Debian, Ubuntu: apt-get install libvips42).", innerException: reason);

    public static ImageException NoEncoder(ImageFormat format, Exception? reason = null) => new(
        ImageError.EngineMissing, "NotImplemented",
        $"The image library here cannot write {format}.", innerException: reason);

    /// <param name="tried">Where it was looked for: between us and the operator.</param>
    public static ImageException NoLibrary(string tried) => new(
        ImageError.EngineMissing, "NotImplemented", "There is no libvips (Debian, Ubuntu: apt-get install libvips42).",
        innerException: new FileNotFoundException("Tried: " + tried));

    public static ImageException TooManyBytes(long limit) => TooLarge(
        "009", string.Create(CultureInfo.InvariantCulture, $"Maximal size of image supported is {limit} bytes."));

    public static ImageException SideTooLong(SourceKind kind, int limit) => TooLarge(
        kind switch { SourceKind.Tiff => "018", SourceKind.Avif => "014", SourceKind.Jpeg => "019", _ => "009" },
        string.Create(CultureInfo.InvariantCulture, $"Maximal width or height of image supported is {limit} pixels."));

    public static ImageException TooManyPixels(long limit) => TooLarge(
        "012", string.Create(CultureInfo.InvariantCulture, $"Maximal size of image supported is {limit} pixels, all frames together."));

    public static ImageException TooManyFrames(int limit) => TooLarge(
        "012", string.Create(CultureInfo.InvariantCulture, $"Maximal number of frames supported is {limit}."));

    public static ImageException ResultTooLarge(int side, long pixels) => TooLarge("007", string.Create(
        CultureInfo.InvariantCulture, $"Maximal size of target image supported is {pixels} pixels, {side} on a side."));

    /// <summary>OSS's own words.</summary>
    public static ImageException WebPTooLarge() =>
        TooLarge("009", "Maximum width and height allowed is 16383 pixels for converting webp");

    public static ImageException AvifTooLarge(long pixels) => TooLarge("014", string.Create(
        CultureInfo.InvariantCulture, $"Maximal size of image supported for converting avif or heic is {pixels} pixels."));

    /// <inheritdoc cref="WebPTooLarge"/>
    public static ImageException TooLargeToRotate() => new(
        ImageError.ProcessRefused, "BadRequest", "Picture exceed the maximum allowable rotation range.", Numbers + "006");

    public static ImageException TooManyMarks(int limit) => new(
        ImageError.WatermarkRefused, "WatermarkError",
        string.Create(CultureInfo.InvariantCulture, $"The number of watermark images exceeds {limit}."), Numbers + "026");

    public static ImageException MarkMissing() => new(
        ImageError.WatermarkRefused, "WatermarkError", "The watermark image does not exist.", Numbers + "024");

    public static ImageException MarkUnusable(Exception? reason = null) => new(
        ImageError.WatermarkRefused, "WatermarkError", "The watermark image is damaged or not JPG, PNG, BMP, WebP, TIFF.", Numbers + "027",
        reason);

    public static ImageException MarkTooLarge() => new(
        ImageError.WatermarkRefused, "WatermarkError", "The watermark is too large for the image.");

    public static ImageException NoFont(Exception? reason = null) => new(
        ImageError.WatermarkRefused, "WatermarkError",
        "There is no font here for the text of the watermark (Debian, Ubuntu: apt-get install fonts-wqy-zenhei).", innerException: reason);

    public static ImageException Failed(Exception reason) => new(
        ImageError.RenderingFailed, "InternalError", "We encountered an internal error. Please try again.", innerException: reason);

    private static ImageException TooLarge(string number, string message) =>
        new(ImageError.ImageTooLarge, "ImageTooLarge", message, Numbers + number);
}
