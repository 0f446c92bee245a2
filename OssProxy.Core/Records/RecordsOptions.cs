namespace OssProxy.Core.Records;

/// <summary>Which database holds the records. Section <c>Records</c>.</summary>
public sealed class RecordsOptions
{
    public const string Section = "Records";

    /// <summary>The embedded database: one file, one node.</summary>
    public const string Sqlite = "sqlite";

    /// <summary>PostgreSQL 13 or newer: any number of nodes.</summary>
    public const string Postgres = "postgres";

    /// <summary>Nothing is kept: see <see cref="NoRecords"/> for what is lost.</summary>
    public const string None = "none";

    /// <summary><see cref="Sqlite"/> (default), <see cref="Postgres"/> or <see cref="None"/>, in any case.</summary>
    public string Provider { get; set => field = value ?? ""; } = Sqlite;

    /// <summary>The driver's connection string. Empty with SQLite means <c>records.db</c> in the data folder. Holds a password with
    /// PostgreSQL: never printed.</summary>
    public string? ConnectionString { get; set; }

    internal bool UsesPostgres => string.Equals(Provider, Postgres, StringComparison.OrdinalIgnoreCase);
}
