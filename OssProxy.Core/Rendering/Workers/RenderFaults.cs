using OssProxy.Core.Images;

namespace OssProxy.Core.Rendering.Workers;

/// <summary>What is said of a rendering that came to nothing outside of the engine. Codes are OSS's where it has one.</summary>
internal static class RenderFaults
{
    private const string Overload = "0004-00000801";

    public static ImageException Busy(TimeSpan retryAfter) =>
        new(ImageError.RenderingBusy, "ServiceUnavailable", "图片处理繁忙，请稍后重试", Overload) { RetryAfter = retryAfter };

    public static ImageException Stopping() =>
        new(ImageError.RenderingBusy, "ServiceUnavailable", "服务正在重启，请稍后重试", Overload) { RetryAfter = TimeSpan.FromSeconds(5) };

    public static ImageException TimedOut() =>
        new(ImageError.RenderingTimedOut, "GatewayTimeout", "图片处理超时，请减小图片或简化处理参数");

    public static ImageException Damaged() =>
        new(ImageError.ImageDamaged, "ImageDamage", "图片可能已损坏，无法处理；请换一张图片");

    public static ImageException TooMuchMemory() =>
        new(ImageError.ImageTooLarge, "ImageTooLarge", "处理这张图片需要的内存超过限制，请减小图片后再试");

    public static ImageException Failed(Exception? cause = null) =>
        new(ImageError.RenderingFailed, "InternalError", "图片处理失败，请稍后重试", innerException: cause);
}
