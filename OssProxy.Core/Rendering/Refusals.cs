using System.Globalization;
using OssProxy.Core.Images;

namespace OssProxy.Core.Rendering;

/// <summary>What the engine refuses, each with OSS's code and number. The texts are for clients; what a library said goes along as the inner
/// exception, for logs.</summary>
internal static class Refusals
{
    private const string Numbers = "0040-00000";

    public static ImageException Unsupported() => new(
        ImageError.ProcessRefused, "BadRequest", "无法处理该文件：内容不是受支持的图片（JPG、PNG、BMP、GIF、WebP、TIFF、HEIC、AVIF）", Numbers + "005");

    public static ImageException Damaged(SourceKind kind, Exception? reason = null) => new(
        ImageError.ImageDamaged, "ImageDamage", "The image file may be damaged.", kind switch
        {
            SourceKind.WebP => Numbers + "010",
            SourceKind.Heic => Numbers + "020",
            _ => null,
        }, reason);

    public static ImageException NoDecoder(SourceKind kind, Exception? reason = null) => new(
        ImageError.EngineMissing, "NotImplemented",
        $"服务器的图片库不能解码 {kind.Word().ToUpperInvariant()}，请上传 JPG 或 PNG，或联系管理员安装解码器", innerException: reason);

    public static ImageException NoEncoder(ImageFormat format, Exception? reason = null) => new(
        ImageError.EngineMissing, "NotImplemented",
        $"服务器的图片库不能输出 {format.ToString().ToUpperInvariant()}，请改用 jpg 或 webp", innerException: reason);

    public static ImageException NoLibrary(string tried) => new(
        ImageError.EngineMissing, "NotImplemented",
        "服务器未安装图片处理库 libvips，请联系管理员安装（Debian/Ubuntu：apt-get install libvips42）", innerException: new DllNotFoundException(tried));

    public static ImageException TooManyBytes(long limit) => TooLarge(
        "009", string.Create(CultureInfo.InvariantCulture, $"原图过大，最大支持 {limit} 字节"));

    public static ImageException SideTooLong(SourceKind kind, int limit) => TooLarge(
        kind switch { SourceKind.Tiff => "018", SourceKind.Avif => "014", SourceKind.Jpeg => "019", _ => "009" },
        string.Create(CultureInfo.InvariantCulture, $"原图过大，最长边不能超过 {limit} 像素"));

    public static ImageException TooManyPixels(long limit) => TooLarge(
        "012", string.Create(CultureInfo.InvariantCulture, $"原图过大，总像素（动图为宽 × 高 × 帧数）不能超过 {limit}"));

    public static ImageException TooManyFrames(int limit) => TooLarge(
        "012", string.Create(CultureInfo.InvariantCulture, $"动图帧数过多，最多支持 {limit} 帧"));

    public static ImageException ResultTooLarge(int side, long pixels) => TooLarge(
        "007", string.Create(CultureInfo.InvariantCulture, $"目标图片过大，单边不能超过 {side} 像素，总像素不能超过 {pixels}"));

    /// <summary>OSS's own words, which clients compare.</summary>
    public static ImageException WebPTooLarge() =>
        TooLarge("009", "Maximum width and height allowed is 16383 pixels for converting webp");

    public static ImageException AvifTooLarge(long pixels) => TooLarge(
        "014", string.Create(CultureInfo.InvariantCulture, $"输出 AVIF 的总像素不能超过 {pixels}，请先缩小图片"));

    /// <inheritdoc cref="WebPTooLarge"/>
    public static ImageException TooLargeToRotate() => new(
        ImageError.ProcessRefused, "BadRequest", "Picture exceed the maximum allowable rotation range.", Numbers + "006");

    public static ImageException TooManyMarks(int limit) => new(
        ImageError.WatermarkRefused, "WatermarkError",
        string.Create(CultureInfo.InvariantCulture, $"图片水印过多，最多支持 {limit} 个"), Numbers + "026");

    public static ImageException MarkMissing() => new(
        ImageError.WatermarkRefused, "WatermarkError", "水印图片不存在，请检查水印图片的名称", Numbers + "024");

    public static ImageException MarkUnusable(Exception? reason = null) => new(
        ImageError.WatermarkRefused, "WatermarkError", "水印图片无法使用，请换一张 JPG、PNG、BMP、WebP 或 TIFF 图片", Numbers + "027", reason);

    public static ImageException MarkTooLarge() => new(
        ImageError.WatermarkRefused, "WatermarkError", "水印相对图片过大，请减小 size 或缩小水印图片");

    public static ImageException NoFont(Exception? reason = null) => new(
        ImageError.WatermarkRefused, "WatermarkError",
        "服务器没有可显示该文字的字体，请联系管理员安装（Debian/Ubuntu：apt-get install fonts-wqy-zenhei）", innerException: reason);

    public static ImageException Failed(Exception reason) => new(
        ImageError.RenderingFailed, "InternalError", "图片处理失败，请稍后重试", innerException: reason);

    private static ImageException TooLarge(string number, string message) =>
        new(ImageError.ImageTooLarge, "ImageTooLarge", message, Numbers + number);
}
