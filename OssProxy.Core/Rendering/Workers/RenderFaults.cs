using OssProxy.Core.Images;

namespace OssProxy.Core.Rendering.Workers;

/// <summary>What is said of a rendering that came to nothing outside of the engine, in OSS's words where it has some.</summary>
internal static class RenderFaults
{
    // Too many cores are at work on images.
    private const string Overload = "0004-00000801";

    private static readonly TimeSpan StopRetry = TimeSpan.FromSeconds(5);

    public static ImageException Busy(TimeSpan retryAfter) =>
        new(ImageError.RenderingBusy, "ServiceUnavailable", "Too many images are being processed. Please try again later.", Overload)
        {
            RetryAfter = retryAfter,
        };

    public static ImageException Stopping() =>
        new(ImageError.RenderingBusy, "ServiceUnavailable", "The server is about to stop. Please try again later.", Overload)
        {
            RetryAfter = StopRetry,
        };

    /// <param name="rest">After which a worker is started again.</param>
    public static ImageException NoWorker(TimeSpan rest, Exception cause) =>
        new(ImageError.RenderingBusy, "ServiceUnavailable", "No image can be processed at present. Please try again later.", innerException: cause)
        {
            RetryAfter = TimeSpan.FromSeconds(Math.Max(1, Math.Ceiling(rest.TotalSeconds))),
        };

    public static ImageException TimedOut() =>
        new(ImageError.RenderingTimedOut, "GatewayTimeout", "The image took longer to process than it may.");

    public static ImageException Damaged() =>
        new(ImageError.ImageDamaged, "ImageDamage", "The image file may be damaged.");

    public static ImageException TooMuchMemory() =>
        new(ImageError.ImageTooLarge, "ImageTooLarge", "The image needs more memory to process than it may have.");

    public static ImageException Failed(Exception? cause = null) =>
        new(ImageError.RenderingFailed, "InternalError", "The image could not be processed.", innerException: cause);
}
