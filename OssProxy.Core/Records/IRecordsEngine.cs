namespace OssProxy.Core.Records;

/// <summary>
/// What differs between databases. Work is given as a function of a session; a write that has begun is not cancelled, because the caller
/// could not know whether its row is there. Exceptions are the driver's own.
/// </summary>
internal interface IRecordsEngine : IAsyncDisposable
{
    /// <summary>Whose SQL this database understands.</summary>
    SqlDialect Dialect { get; }

    /// <summary>The file that the first write will make, as an absolute path; null when the database is there or is no file.</summary>
    string? MissingFile { get; }

    /// <summary>Runs writes: one statement, or several of which all or none take effect.</summary>
    Task<T> WriteAsync<T>(WriteScope scope, Func<RecordsSession, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>Runs queries.</summary>
    Task<T> ReadAsync<T>(Func<RecordsSession, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>Within a transaction: holds off every other node that wants to change the schema until the transaction ends.</summary>
    Task HoldSchemaAsync(RecordsSession session);

    /// <summary>Within a transaction: returns when the database would take a write.</summary>
    /// <exception cref="RecordsException">It is read-only.</exception>
    Task RequireWritableAsync(RecordsSession session);
}

/// <summary>How much of a write must happen together.</summary>
internal enum WriteScope
{
    /// <summary>A single statement, atomic by itself: costs PostgreSQL one round trip instead of two.</summary>
    Statement,

    /// <summary>Several statements, all or none.</summary>
    Transaction,
}

/// <summary>The databases that are spoken to.</summary>
internal enum SqlDialect
{
    Sqlite,
    Postgres,
}
