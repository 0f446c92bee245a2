using OssProxy.Core.Images;

namespace OssProxy.Core.Derivatives;

/// <summary>The faults that this room finds, in OSS's words.</summary>
public static class ImageFaults
{
    /// <summary>There is no such original, or no key can be read.</summary>
    public static ImageException NoSource() =>
        new(ImageError.SourceNotFound, "NoSuchKey", "The specified key does not exist.", "0026-00000001");

    public static ImageException NoStyle() => new(ImageError.StyleNotFound, "NoSuchStyle", "No Such Image Style.");

    /// <summary>What anybody may ask for does not include it.</summary>
    public static ImageException Protected() => new(
        ImageError.ProcessNotAllowed, "AccessDenied",
        "The original is protected: without a signature an image can be had by the name of a style only.", "0040-00000031");

    public static ImageException SourceTooLarge(long most) =>
        new(ImageError.ImageTooLarge, "ImageTooLarge", $"Maximal size of image supported is {most} bytes.");

    public static ImageException NoMark() =>
        new(ImageError.WatermarkRefused, "WatermarkError", "The image of a watermark does not exist, or is too large.");

    public static ImageException Busy() =>
        new(ImageError.RenderingBusy, "ServiceUnavailable", "Too many images are being made. Please reduce your request rate.")
        {
            RetryAfter = TimeSpan.FromSeconds(1),
        };

    public static ImageException Failed(string message, Exception? inner = null) =>
        new(ImageError.RenderingFailed, "InternalError", message, ec: null, inner);

    public static ImageException SaveElsewhere(string message) => new(ImageError.ProcessNotAllowed, "AccessDenied", message);

    public static ImageException Argument(string message) => new(ImageError.ProcessInvalid, "InvalidArgument", message);
}
