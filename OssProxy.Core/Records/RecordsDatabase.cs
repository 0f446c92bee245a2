using Microsoft.Extensions.Logging;

namespace OssProxy.Core.Records;

/// <summary>
/// The database behind the records. It promises that every failure of a driver comes out as a <see cref="RecordsException"/> and that a
/// write which has begun is not cancelled: a caller's token counts only while the write waits its turn, so a caller that gets an
/// <see cref="OperationCanceledException"/> knows that nothing was written. A begun write ends by itself within the driver's command
/// time-out (10 s unless the connection string says otherwise).
/// </summary>
public sealed partial class RecordsDatabase : IRecordsProbe, IAsyncDisposable
{
    private readonly IRecordsEngine _engine;
    private readonly TimeProvider _time;
    private readonly ILogger<RecordsDatabase> _log;

    private RecordsDatabase(IRecordsEngine engine, TimeProvider time, ILogger<RecordsDatabase> log)
    {
        _engine = engine;
        _time = time;
        _log = log;
    }

    /// <summary>Prepares the database that the options name. Nothing is opened before <see cref="StartAsync"/>.</summary>
    /// <param name="options">Validated options.</param>
    /// <param name="dataFolder">The existing folder in which SQLite's file is kept when no connection string is given.</param>
    public static RecordsDatabase For(RecordsOptions options, string dataFolder, TimeProvider time, ILoggerFactory loggers)
    {
        IRecordsEngine engine = options.UsesPostgres
            ? PostgresEngine.For(options.ConnectionString ?? "", loggers)
            : SqliteEngine.For(options.ConnectionString, dataFolder);
        return new RecordsDatabase(engine, time, loggers.CreateLogger<RecordsDatabase>());
    }

    /// <summary>Connects and brings the schema up to date. Several nodes may do so at once; repeating it does no harm.</summary>
    /// <exception cref="RecordsException">The database cannot be reached or written, or is newer than this program.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var applied = await WriteAsync(
            WriteScope.Transaction,
            session => RecordsSchema.MigrateAsync(_engine, session, _time.GetUtcNow()),
            cancellationToken);
        foreach (var version in applied)
            LogMigrated(version);
    }

    /// <inheritdoc/>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        // As a write: with SQLite this takes the write lock, and proves the writer alive.
        var version = await WriteAsync(WriteScope.Transaction, async session =>
        {
            await _engine.RequireWritableAsync(session);
            return await RecordsSchema.VersionAsync(session);
        }, cancellationToken);
        if (version < RecordsSchema.Current)
            throw new RecordsException(RecordsError.RecordsUnavailable, "The schema of the records is older than this program.");
    }

    /// <summary>When this database began to remember uploads. What a store holds from before then came from somebody else.</summary>
    /// <exception cref="RecordsException">The database cannot be reached.</exception>
    public async Task<DateTimeOffset> SinceAsync(CancellationToken cancellationToken) =>
        DateTimeOffset.FromUnixTimeMilliseconds(await ReadAsync(RecordsSchema.SinceAsync, cancellationToken));

    /// <summary>Whose SQL the database understands.</summary>
    internal SqlDialect Dialect => _engine.Dialect;

    /// <summary>The file that <see cref="StartAsync"/> will make; null when the database is there or is no file.</summary>
    public string? MissingFile => _engine.MissingFile;

    /// <summary>Looks at a database that perhaps was never started and changes nothing: true when it is ready, false when
    /// <see cref="StartAsync"/> will bring its schema up to date. To be called when there is no <see cref="MissingFile"/>.</summary>
    /// <exception cref="RecordsException">The database cannot be reached or written, or is newer than this program.</exception>
    public Task<bool> LookAsync(CancellationToken cancellationToken) =>
        ReadAsync(async session =>
        {
            await _engine.RequireWritableAsync(session);
            return await RecordsSchema.IsCurrentAsync(_engine.Dialect, session);
        }, cancellationToken);

    /// <summary>Finishes the writes that are queued and closes every connection.</summary>
    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    internal async Task<T> WriteAsync<T>(WriteScope scope, Func<RecordsSession, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await _engine.WriteAsync(scope, work, cancellationToken);
        }
        catch (Exception failure) when (IsFailure(failure, cancellationToken))
        {
            throw Unavailable(failure);
        }
    }

    internal async Task<T> ReadAsync<T>(Func<RecordsSession, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await _engine.ReadAsync(work, cancellationToken);
        }
        catch (Exception failure) when (IsFailure(failure, cancellationToken))
        {
            throw Unavailable(failure);
        }
    }

    // Drivers fail in many types (their own, sockets, time-outs, a broken connection's InvalidOperationException): whatever is neither our
    // own exception nor the caller's cancellation means that the database could not do it.
    private static bool IsFailure(Exception failure, CancellationToken cancellationToken) =>
        failure is not RecordsException && !(failure is OperationCanceledException && cancellationToken.IsCancellationRequested);

    private static RecordsException Unavailable(Exception failure) =>
        new(RecordsError.RecordsUnavailable, "The database of the records failed: " + failure.Message, failure);

    [LoggerMessage(Level = LogLevel.Information, Message = "Records: schema brought to version {Version}")]
    private partial void LogMigrated(int version);
}
