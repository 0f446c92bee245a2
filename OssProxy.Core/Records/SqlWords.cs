namespace OssProxy.Core.Records;

/// <summary>The few words in which the databases differ; statements are put together of them once.</summary>
/// <param name="ForUpdate">Ends a SELECT whose rows nobody else may change or lock until the transaction ends. Nothing in SQLite, where
/// writes are one after the other.</param>
/// <param name="ForKeyShare">Ends a SELECT whose rows nobody may remove until the transaction ends.</param>
/// <param name="Ids">The parameter <c>@Ids</c>, a JSON array of numbers, as the right side of IN.</param>
/// <param name="Texts">The parameter <c>@Texts</c>, a JSON array of texts, likewise.</param>
/// <param name="Retentions">The parameter <c>@Retentions</c>, a JSON object of numbers, as a table of <c>key</c> and <c>value</c>.</param>
/// <param name="Folding">What stands between a column and LIKE, so that upper and lower case are alike for ASCII and for nothing else when the
/// pattern is lower case.</param>
internal sealed record SqlWords(string ForUpdate, string ForKeyShare, string Ids, string Texts, string Retentions, Func<string, string> Folding)
{
    private static readonly SqlWords Sqlite = new(
        "",
        "",
        "(SELECT CAST(value AS bigint) FROM json_each(@Ids))",
        "(SELECT value FROM json_each(@Texts))",
        "json_each(@Retentions)",
        column => column);

    private static readonly SqlWords Postgres = new(
        " FOR UPDATE",
        " FOR KEY SHARE",
        "(SELECT CAST(value AS bigint) FROM json_array_elements_text(CAST(@Ids AS json)))",
        "(SELECT value FROM json_array_elements_text(CAST(@Texts AS json)))",
        "json_each_text(CAST(@Retentions AS json))",
        // lower() and ILIKE by themselves go by the server's locale.
        column => $"""lower({column} COLLATE "C")""");

    /// <summary>A statement with <c>{bytes}</c> behind a path replaced by what compares it by its bytes, as the index on paths does: PostgreSQL
    /// does not use that index otherwise. SQLite compares so anyway.</summary>
    public string InBytes(string sql) => sql.Replace("{bytes}", ReferenceEquals(this, Postgres) ? "COLLATE \"C\"" : "", StringComparison.Ordinal);

    public static SqlWords Of(SqlDialect dialect) => dialect == SqlDialect.Postgres ? Postgres : Sqlite;
}
