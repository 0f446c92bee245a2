namespace OssProxy.Core.QrCodes;

/// <summary>What can be wrong with a QR code that is wanted. The names are stable and appear as <c>errorCode</c>.</summary>
public enum QrError
{
    /// <summary>There is no text, or more than a code of that level holds or we make.</summary>
    QrTextUnfit,

    /// <summary>The picture would be smaller than its modules need, or larger than is made.</summary>
    QrSizeUnfit,

    /// <summary>The logo is none of the caller's files, no picture that can be drawn, or too large a file; or the code is no PNG.</summary>
    QrLogoRefused,
}

/// <summary>A QR code that cannot be made.</summary>
public sealed class QrException(QrError error, string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Why.</summary>
    public QrError Error { get; } = error;
}
