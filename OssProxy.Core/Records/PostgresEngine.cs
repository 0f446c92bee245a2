using System.Data.Common;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace OssProxy.Core.Records;

/// <summary>PostgreSQL through Npgsql's pool: the server does its own group commit, so writes go straight to it.</summary>
internal sealed class PostgresEngine(NpgsqlDataSource source) : IRecordsEngine
{
    private const int ConnectSeconds = 5;
    private const int CommandSeconds = 10;

    // What runs over and over is prepared by itself: an upload's two statements cost a third less than when PostgreSQL parses and plans them
    // anew. A pooler that gives each transaction another connection needs Max Auto Prepare=0 in the connection string.
    private const int PreparedStatements = 32;

    // Any number will do, as long as it is ours alone within the database.
    private const long SchemaLock = 0x4F73_7350_726F_7879;

    public SqlDialect Dialect => SqlDialect.Postgres;

    public string? MissingFile => null;

    public static PostgresEngine For(string connectionString, ILoggerFactory loggers)
    {
        var written = new DbConnectionStringBuilder { ConnectionString = connectionString };
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { IncludeErrorDetail = false };
        if (!written.ContainsKey("Timeout"))
            settings.Timeout = ConnectSeconds;
        if (!written.ContainsKey("Command Timeout") && !written.ContainsKey("CommandTimeout"))
            settings.CommandTimeout = CommandSeconds;
        if (!written.ContainsKey("Max Auto Prepare") && !written.ContainsKey("MaxAutoPrepare"))
            settings.MaxAutoPrepare = PreparedStatements;
        if (string.IsNullOrEmpty(settings.ApplicationName))
            settings.ApplicationName = "OssProxy";

        return new PostgresEngine(
            new NpgsqlDataSourceBuilder(settings.ConnectionString).UseLoggerFactory(loggers).Build());
    }

    public async Task<T> WriteAsync<T>(WriteScope scope, Func<RecordsSession, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        // A connection that lies ready in the pool is handed out without a look at the token.
        cancellationToken.ThrowIfCancellationRequested();
        if (scope == WriteScope.Statement)
            return await work(new RecordsSession(connection, transaction: null, statements: null, CancellationToken.None));

        await using var transaction = await connection.BeginTransactionAsync(CancellationToken.None);
        var result = await work(new RecordsSession(connection, transaction, statements: null, CancellationToken.None));
        await transaction.CommitAsync(CancellationToken.None);
        return result;
    }

    public async Task<T> ReadAsync<T>(Func<RecordsSession, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        return await work(new RecordsSession(connection, transaction: null, statements: null, cancellationToken));
    }

    public Task HoldSchemaAsync(RecordsSession session) =>
        session.ExecuteAsync("SELECT pg_advisory_xact_lock(@SchemaLock)", new { SchemaLock });

    public async Task RequireWritableAsync(RecordsSession session)
    {
        // A standby answers queries and refuses every write.
        if (await session.ScalarAsync<string>("SELECT current_setting('transaction_read_only')") == "on")
            throw new RecordsException(RecordsError.RecordsUnavailable, "The PostgreSQL server is read-only.");
    }

    public ValueTask DisposeAsync() => source.DisposeAsync();
}
