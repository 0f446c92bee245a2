using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using Npgsql;

namespace OssProxy.Core.Records;

/// <summary>Checks the section <c>Records</c> without touching the database. No message repeats the connection string.</summary>
public sealed class RecordsOptionsValidator : IValidateOptions<RecordsOptions>
{
    private const string ProviderKey = $"{RecordsOptions.Section}:Provider";
    private const string ConnectionKey = $"{RecordsOptions.Section}:ConnectionString";

    public ValidateOptionsResult Validate(string? name, RecordsOptions options)
    {
        var fault = options.UsesPostgres ? FaultOfPostgres(options.ConnectionString)
            : string.Equals(options.Provider, RecordsOptions.Sqlite, StringComparison.OrdinalIgnoreCase)
                ? FaultOfSqlite(options.ConnectionString)
            : string.Equals(options.Provider, RecordsOptions.None, StringComparison.OrdinalIgnoreCase)
                ? null
                : $"{ProviderKey} 只能是 {RecordsOptions.Sqlite}、{RecordsOptions.Postgres} 或 {RecordsOptions.None}，请改正拼写；单机用 sqlite，多节点用 postgres，不保存记录用 none。";
        return fault is null ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(fault);
    }

    private static string? FaultOfPostgres(string? connectionString)
    {
        if (string.IsNullOrWhiteSpace(connectionString))
            return $"{ConnectionKey} 不能为空：使用 PostgreSQL 时请填写连接串，例如 Host=127.0.0.1;Database=ossproxy;Username=ossproxy;Password=…";
        try
        {
            return string.IsNullOrEmpty(new NpgsqlConnectionStringBuilder(connectionString).Host)
                ? $"{ConnectionKey} 缺少 Host：请写明 PostgreSQL 服务器的地址。"
                : null;
        }
        catch (Exception failure) when (failure is ArgumentException or FormatException or InvalidCastException)
        {
            return $"{ConnectionKey} 不是有效的 PostgreSQL 连接串：请检查键名和分号，格式为 Host=…;Database=…;Username=…;Password=…";
        }
    }

    private static string? FaultOfSqlite(string? connectionString)
    {
        if (string.IsNullOrWhiteSpace(connectionString))
            return null;
        try
        {
            var builder = new SqliteConnectionStringBuilder(connectionString);
            // An in-memory database vanishes with its connection and would be another one for every reader.
            return builder.Mode == SqliteOpenMode.Memory || builder.DataSource.Length == 0
                || builder.DataSource.Contains(":memory:", StringComparison.OrdinalIgnoreCase)
                ? $"{ConnectionKey} 必须指向一个文件：请写成 Data Source=路径/records.db，或留空使用数据目录中的 records.db。"
                : null;
        }
        catch (Exception failure) when (failure is ArgumentException or FormatException or InvalidCastException)
        {
            return $"{ConnectionKey} 不是有效的 SQLite 连接串：请写成 Data Source=路径/records.db，或留空使用数据目录中的 records.db。";
        }
    }
}
