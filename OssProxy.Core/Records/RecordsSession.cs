using System.Data.Common;
using System.Globalization;
using Dapper;

namespace OssProxy.Core.Records;

/// <summary>A connection in the hands of one piece of work, with its transaction when there is one.</summary>
/// <param name="statements">The connection's compiled statements, where it has any; its statements must then be constants.</param>
/// <param name="cancellationToken">None for writes: see <see cref="RecordsDatabase"/>.</param>
internal sealed class RecordsSession(
    DbConnection connection, DbTransaction? transaction, SqliteStatements? statements, CancellationToken cancellationToken)
{
    /// <summary>Runs a statement and returns the number of rows it changed.</summary>
    public Task<int> ExecuteAsync(string sql, object? values = null) =>
        statements is null ? connection.ExecuteAsync(Command(sql, values)) : Task.FromResult(statements.Run(sql, values));

    /// <summary>Runs a statement and returns the first column of its first row.</summary>
    public Task<T?> ScalarAsync<T>(string sql, object? values = null) =>
        statements is null
            ? connection.ExecuteScalarAsync<T>(Command(sql, values))
            : Task.FromResult(statements.Scalar(sql, values) is { } value
                ? (T?)Convert.ChangeType(value, typeof(T), CultureInfo.InvariantCulture)
                : default);

    /// <summary>Runs a query and returns its rows.</summary>
    public async Task<IReadOnlyList<T>> QueryAsync<T>(string sql, object? values = null) =>
        (await connection.QueryAsync<T>(Command(sql, values))).AsList();

    private CommandDefinition Command(string sql, object? values) =>
        new(sql, values, transaction, cancellationToken: cancellationToken);
}
