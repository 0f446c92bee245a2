namespace OssProxy.Core.Images;

/// <summary>A processed image that cannot be had.</summary>
/// <param name="code">OSS's own code: <c>InvalidArgument</c>, <c>BadRequest</c> …</param>
/// <param name="ec">OSS's error number, <c>0040-00000</c> and three digits; null where the manual names none.</param>
public sealed class ImageException(ImageError error, string code, string message, string? ec = null, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>What went wrong.</summary>
    public ImageError Error { get; } = error;

    /// <summary>What OSS calls it.</summary>
    public string Code { get; } = code;

    /// <summary>OSS's number of it; null for none.</summary>
    public string? Ec { get; } = ec;

    /// <summary>With <see cref="ImageError.RenderingBusy"/>: when it is worth another try; else null.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
