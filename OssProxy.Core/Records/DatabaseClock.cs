namespace OssProxy.Core.Records;

/// <summary>
/// The time that several nodes agree on, in Unix milliseconds: PostgreSQL's own, because the nodes' clocks differ; with SQLite that of the
/// one process that has the database.
/// </summary>
internal sealed class DatabaseClock(SqlDialect dialect, TimeProvider time)
{
    /// <summary>Not now(), which stands still for the length of a transaction.</summary>
    public const string PostgresNow = "floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

    /// <summary>The value of the parameter <c>@Now</c>; PostgreSQL is sent none.</summary>
    public long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>A statement with <c>{now}</c> in the words of this database. To be made once: statements are kept by their text.</summary>
    public string Tell(string sql) => Tell(dialect, sql);

    /// <summary>Likewise.</summary>
    public static string Tell(SqlDialect dialect, string sql) =>
        sql.Replace("{now}", dialect == SqlDialect.Postgres ? PostgresNow : "@Now", StringComparison.Ordinal);
}
