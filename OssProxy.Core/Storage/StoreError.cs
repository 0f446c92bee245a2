namespace OssProxy.Core.Storage;

/// <summary>Everything that a store can do wrong. The names are stable: clients and operators read them as <c>errorCode</c>.</summary>
public enum StoreError
{
    /// <summary>No connection: name not resolved, refused, reset, TLS failed.</summary>
    StoreUnreachable,

    /// <summary>The store stopped answering or stopped taking bytes for longer than the idle time-out.</summary>
    StoreTimedOut,

    /// <summary>The store is overloaded or throttles (503, QPS and traffic limits). Worth repeating later.</summary>
    StoreBusy,

    /// <summary>The store failed by itself (5xx, an answer that cannot be read).</summary>
    StoreFailed,

    /// <summary>The store refuses our credentials, signature or permissions, or its clock and ours differ.</summary>
    StoreAccessDenied,

    /// <summary>The bucket does not exist, the endpoint is not the bucket's, or the request is one that this configuration cannot make.</summary>
    StoreMisconfigured,

    /// <summary>The key is taken and overwriting was forbidden.</summary>
    ObjectExists,

    /// <summary>What arrived at the store is not what was sent; the object has been removed.</summary>
    ChecksumMismatch,

    /// <summary>The disk of a local store is full or refuses to write.</summary>
    StoreFull,
}

/// <summary>A failure of the store, as opposed to one of the client whose body was being sent.</summary>
public sealed class StoreException : Exception
{
    public StoreException(StoreError error, string message, Exception? innerException = null)
        : base(message, innerException) => Error = error;

    /// <summary>What went wrong.</summary>
    public StoreError Error { get; }

    /// <summary>Whether the object that was to be put may be there all the same: true when the store had taken it before it refused, false when
    /// no connection to it ever came about; null where the error alone decides.</summary>
    public bool? MayBeStored { get; init; }
}
