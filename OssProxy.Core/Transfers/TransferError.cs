namespace OssProxy.Core.Transfers;

/// <summary>What can go wrong here on the way to the store. The names are stable and appear as <c>errorCode</c>.</summary>
public enum TransferError
{
    /// <summary>The spool folder cannot be written, because it is full, read-only or gone; or the file in it cannot be read back.</summary>
    SpoolFailed,

    /// <summary>The spool folder's disk has no room for the file beside the reserve that it is to keep. It may have, once other uploads have
    /// ended.</summary>
    SpoolFull,
}

/// <summary>A failure of our own between the client and the store.</summary>
public sealed class TransferException : Exception
{
    public TransferException(TransferError error, string message, Exception? innerException = null)
        : base(message, innerException) => Error = error;

    /// <summary>What went wrong.</summary>
    public TransferError Error { get; }

    /// <summary>Whether the store has surely been given nothing.</summary>
    public bool NeverSent { get; init; }
}
