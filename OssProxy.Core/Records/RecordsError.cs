namespace OssProxy.Core.Records;

/// <summary>What can go wrong with the records. The names are stable and appear as <c>errorCode</c>.</summary>
public enum RecordsError
{
    /// <summary>The database cannot be reached, is locked for too long, or refuses to write.</summary>
    RecordsUnavailable,

    /// <summary>A claim is no longer there: it was settled elsewhere in the meantime.</summary>
    ClaimLost,

    /// <summary>No such class, or one that is disabled where an enabled one is asked for.</summary>
    ClassNotFound,

    /// <summary>A sibling has this name already.</summary>
    ClassNameTaken,

    /// <summary>The parent does not exist, is the class itself or below it, or lies too deep.</summary>
    ClassParentInvalid,

    /// <summary>No such image, or a deleted one.</summary>
    ImageNotFound,

    /// <summary>The image is not deleted, or its deletion has begun and cannot be taken back.</summary>
    ImageNotRestorable,

    /// <summary>The owner has stored as much today as the class's policy lets one owner store.</summary>
    DailyLimitReached,

    /// <summary>Somebody's record names this key already, or an upload to it is under way.</summary>
    KeyTaken,

    /// <summary>Whoever asks for one has as many open grants as one may have.</summary>
    TooManyGrants,
}

/// <summary>A failure of the database that holds the records, or a demand that they cannot meet.</summary>
public sealed class RecordsException : Exception
{
    public RecordsException(RecordsError error, string message, Exception? innerException = null)
        : base(message, innerException) => Error = error;

    /// <summary>What went wrong.</summary>
    public RecordsError Error { get; }

    /// <summary>From when on another try may succeed; null where nobody can say.</summary>
    public DateTimeOffset? RetryAt { get; init; }
}
