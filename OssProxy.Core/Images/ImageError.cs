namespace OssProxy.Core.Images;

/// <summary>Everything that can be wrong with a request for a processed image. The names are stable: clients and operators read them as
/// <c>errorCode</c>; what OSS calls the same is <see cref="ImageException.Code"/>.</summary>
public enum ImageError
{
    /// <summary>An action or a parameter is unknown, missing or outside its range (400 <c>InvalidArgument</c>).</summary>
    ProcessInvalid,

    /// <summary>The request cannot be carried out as written: not Base64, a crop outside the picture, a source of no known format
    /// (400 <c>BadRequest</c>).</summary>
    ProcessRefused,

    /// <summary>Source or result has more pixels, a longer side, more frames or more bytes than are allowed (400 <c>ImageTooLarge</c>).</summary>
    ImageTooLarge,

    /// <summary>A watermark cannot be made: too many, a format that is none, an image that is missing (400 <c>WatermarkError</c>).</summary>
    WatermarkRefused,

    /// <summary>More stages than are allowed (400 <c>TooManyPipes</c>).</summary>
    TooManyPipes,

    /// <summary>The bytes of the source are damaged, or have brought a renderer down before (400 <c>ImageDamage</c>).</summary>
    ImageDamaged,

    /// <summary>There is no such style (404 <c>NoSuchStyle</c>).</summary>
    StyleNotFound,

    /// <summary>There is no such original (404 <c>NoSuchKey</c>).</summary>
    SourceNotFound,

    /// <summary>The caller may use styles only, or the signature is missing, wrong or expired (403 <c>AccessDenied</c>).</summary>
    ProcessNotAllowed,

    /// <summary>This machine has no library to do it with (501 <c>NotImplemented</c>).</summary>
    EngineMissing,

    /// <summary>Everything is busy and the queue is full; worth repeating later (503).</summary>
    RenderingBusy,

    /// <summary>It took longer than it may (504).</summary>
    RenderingTimedOut,

    /// <summary>It failed, and the source is not known to be the reason (500 <c>InternalError</c>).</summary>
    RenderingFailed,
}
