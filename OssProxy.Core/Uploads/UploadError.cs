namespace OssProxy.Core.Uploads;

/// <summary>Everything that can be wrong with an upload and is not the store's doing. The names are stable: clients and operators read
/// them as <c>errorCode</c>; <c>docs/errors.md</c> explains each.</summary>
public enum UploadError
{
    /// <summary>The request is not <c>multipart/form-data</c>.</summary>
    NotMultipart,

    /// <summary>The request body is compressed.</summary>
    EncodingNotSupported,

    /// <summary>The form's grammar is broken, or it ends before its closing boundary.</summary>
    FormMalformed,

    /// <summary>More parts, fields or files than allowed, or a field or part header that is too long.</summary>
    FormTooComplex,

    /// <summary>A text field comes twice with different values, a field holds a file, or a file field holds text.</summary>
    FormContradictory,

    /// <summary>The form holds no file.</summary>
    FileMissing,

    /// <summary>A file has no bytes.</summary>
    FileEmpty,

    /// <summary>A file, or the whole request, is larger than the policy allows.</summary>
    FileTooLarge,

    /// <summary>The content is of no type that the policy allows.</summary>
    TypeNotAllowed,

    /// <summary>The folder in the route holds something that is not a plain name.</summary>
    FolderInvalid,

    /// <summary>The query asks for a way of transfer that does not exist.</summary>
    TransferUnknown,

    /// <summary>The class does not exist or is disabled, and the door takes nothing without one.</summary>
    ClassUnknown,

    /// <summary>The class takes no uploads of clients without the admin key.</summary>
    ClassClosed,

    /// <summary>The API key of the sender was made for other classes.</summary>
    ClassNotGranted,

    /// <summary>The class is named behind the file, which was stored under other rules than the class's.</summary>
    ClassTooLate,

    /// <summary>A class's policy holds a value that cannot be used.</summary>
    PolicyInvalid,

    /// <summary>The policy that is kept for a class cannot be read by this program; nothing is accepted under half of it.</summary>
    PolicyUnreadable,

    /// <summary>What the class's policy does to pictures cannot be done to this one, or cannot be done at all.</summary>
    TreatmentFailed,

    /// <summary>The client left before its body was complete.</summary>
    ClientClosed,

    /// <summary>The client sent nothing for longer than the idle time-out, or slower than the minimum rate.</summary>
    ClientIdle,

    /// <summary>The client sent something, but less than the minimum rate over a window asks for, or its request took longer than the
    /// time budget.</summary>
    ClientTooSlow,

    /// <summary>As many uploads are open as this process takes.</summary>
    TooManyUploads,

    /// <summary>The server is stopping and has given up waiting for this upload.</summary>
    ServerStopping,
}

/// <summary>An upload that failed by the client's doing or by our own limits; never by the store's.</summary>
public sealed class UploadException : Exception
{
    public UploadException(UploadError error, string message, Exception? innerException = null)
        : base(message, innerException) => Error = error;

    /// <summary>What went wrong.</summary>
    public UploadError Error { get; }

    /// <summary>The limit that was passed, in bytes; null where it is not one of bytes.</summary>
    public long? Limit { get; init; }

    /// <summary>What exactly is wrong, in Chinese, for the one who is to mend it; null where the error says all.</summary>
    public string? Detail { get; init; }
}
