using Microsoft.Data.Sqlite;

namespace OssProxy.Core.Records;

/// <summary>
/// SQLite in WAL mode. Writes go through one <see cref="SqliteWriter"/>, so that they never wait for each other's locks; readers have
/// connections of their own and block nobody. <c>synchronous=FULL</c>: a commit is on the disk before it is answered, and a power cut
/// loses nothing that was acknowledged. <c>NORMAL</c> would lose the last commits, among them uploads whose 200 the client has seen; it is
/// quicker for a lone upload by two flushes, and hardly for many at once, because commits are shared by all that wait.
/// </summary>
internal sealed class SqliteEngine : IRecordsEngine
{
    /// <summary>The file in the data folder when no connection string is given.</summary>
    public const string DefaultFile = "records.db";

    // How long a lock held by another program (a backup, an open shell) is waited for.
    private const int BusySeconds = 10;

    private readonly string _connectionString;
    private readonly SqliteWriter _writer;

    private SqliteEngine(string connectionString)
    {
        _connectionString = connectionString;
        _writer = new SqliteWriter(OpenForWriting);
    }

    public SqlDialect Dialect => SqlDialect.Sqlite;

    public string? MissingFile =>
        new SqliteConnectionStringBuilder(_connectionString).DataSource is var file && File.Exists(file) ? null : file;

    public static SqliteEngine For(string? connectionString, string dataFolder)
    {
        var settings = string.IsNullOrWhiteSpace(connectionString)
            ? new SqliteConnectionStringBuilder { DataSource = Path.Combine(dataFolder, DefaultFile) }
            : new SqliteConnectionStringBuilder(connectionString);
        settings.DataSource = Path.GetFullPath(settings.DataSource);
        if (!settings.ShouldSerialize("Default Timeout"))
            settings.DefaultTimeout = BusySeconds;
        return new SqliteEngine(settings.ConnectionString);
    }

    public Task<T> WriteAsync<T>(WriteScope scope, Func<RecordsSession, Task<T>> work, CancellationToken cancellationToken) =>
        _writer.WriteAsync(work, cancellationToken);

    public async Task<T> ReadAsync<T>(Func<RecordsSession, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var connection = new SqliteConnection(_connectionString);
        await connection.OpenAsync(cancellationToken);
        return await work(new RecordsSession(connection, transaction: null, statements: null, cancellationToken));
    }

    // Every write transaction is BEGIN IMMEDIATE: it holds the only write lock already.
    public Task HoldSchemaAsync(RecordsSession session) => Task.CompletedTask;

    // BEGIN IMMEDIATE fails on a file that cannot be written.
    public Task RequireWritableAsync(RecordsSession session) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        using var connection = new SqliteConnection(_connectionString);
        SqliteConnection.ClearPool(connection);
    }

    private SqliteConnection OpenForWriting()
    {
        var connection = new SqliteConnection(_connectionString);
        try
        {
            if (Path.GetDirectoryName(connection.DataSource) is { Length: > 0 } folder)
                Directory.CreateDirectory(folder);
            connection.Open();
            using var command = connection.CreateCommand();
            // SQLite's own waiting polls every few milliseconds, the driver's every 150: the first keeps short waits short.
            command.CommandText = "PRAGMA busy_timeout = 2000; PRAGMA synchronous = FULL;";
            command.ExecuteNonQuery();
            command.CommandText = "PRAGMA journal_mode = WAL;";
            if (command.ExecuteScalar() is not "wal")
                throw new RecordsException(RecordsError.RecordsUnavailable, "SQLite could not switch its file to WAL: is it on a network disk?");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
