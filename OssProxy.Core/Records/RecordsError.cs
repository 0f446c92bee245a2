namespace OssProxy.Core.Records;

/// <summary>What can go wrong with the records. The names are stable and appear as <c>errorCode</c>.</summary>
public enum RecordsError
{
    /// <summary>The database cannot be reached, is locked for too long, or refuses to write.</summary>
    RecordsUnavailable,

    /// <summary>A claim is no longer there: it was settled elsewhere in the meantime.</summary>
    ClaimLost,
}

/// <summary>A failure of the database that holds the records.</summary>
public sealed class RecordsException : Exception
{
    public RecordsException(RecordsError error, string message, Exception? innerException = null)
        : base(message, innerException) => Error = error;

    /// <summary>What went wrong.</summary>
    public RecordsError Error { get; }
}
