namespace OssProxy.Core.Records;

/// <summary>A style as it is kept.</summary>
/// <param name="Name">Its name; case counts.</param>
/// <param name="Content">What is made, as it was written.</param>
/// <param name="Accept">The formats that clients may choose, separated by commas; empty for none.</param>
public sealed record StyleRow(string Name, string Content, string Accept, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>What came of keeping a style.</summary>
public enum StylePut
{
    Created,
    Replaced,

    /// <summary>It says what it said before; nothing has been written.</summary>
    Unchanged,

    /// <summary>There are as many as there may be.</summary>
    TooMany,
}

/// <summary>The styles in the database: a few dozen rows, read whole. Changes come one after the other, so that there are never more than
/// there may be.</summary>
public sealed class StyleRecords(RecordsDatabase database, TimeProvider time)
{
    private const string All =
        "SELECT name, content, accept, create_time AS CreatedAt, update_time AS UpdatedAt FROM image_style";

    private const string One = $"{All} WHERE name = @Name";

    private const string Count = "SELECT count(*) FROM image_style";

    private const string Insert = """
        INSERT INTO image_style (name, content, accept, create_time, update_time) VALUES (@Name, @Content, @Accept, @Now, @Now)
        """;

    private const string Update = "UPDATE image_style SET content = @Content, accept = @Accept, update_time = @Now WHERE name = @Name";

    private const string Remove = "DELETE FROM image_style WHERE name = @Name";

    /// <summary>All styles, in the order of their names' characters.</summary>
    /// <exception cref="RecordsException">The database cannot be reached.</exception>
    public async Task<IReadOnlyList<StyleRow>> AllAsync(CancellationToken cancellationToken)
    {
        var rows = await database.ReadAsync(session => session.QueryAsync<Row>(All), cancellationToken);
        return [.. rows.Select(row => row.Read()).OrderBy(row => row.Name, StringComparer.Ordinal)];
    }

    /// <summary>Keeps a style, new or in the place of the one of its name.</summary>
    /// <param name="most">How many there may be.</param>
    /// <exception cref="RecordsException">The database cannot be reached.</exception>
    public Task<StylePut> PutAsync(string name, string content, string accept, int most, CancellationToken cancellationToken)
    {
        var values = new { Name = name, Content = content, Accept = accept, Now = time.GetUtcNow().ToUnixTimeMilliseconds() };
        return ChangeAsync(async session =>
        {
            var before = await session.QueryAsync<Row>(One, new { values.Name });
            if (before.Count == 0 && await session.ScalarAsync<long>(Count) >= most)
                return StylePut.TooMany;
            if (before.Count > 0 && before[0].Content == content && before[0].Accept == accept)
                return StylePut.Unchanged;
            await session.ExecuteAsync(before.Count > 0 ? Update : Insert, values);
            return before.Count > 0 ? StylePut.Replaced : StylePut.Created;
        }, cancellationToken);
    }

    /// <summary>Removes a style; false when there is none of the name.</summary>
    /// <exception cref="RecordsException">The database cannot be reached.</exception>
    public Task<bool> RemoveAsync(string name, CancellationToken cancellationToken) =>
        ChangeAsync(async session => await session.ExecuteAsync(Remove, new { Name = name }) > 0, cancellationToken);

    private Task<T> ChangeAsync<T>(Func<RecordsSession, Task<T>> work, CancellationToken cancellationToken) =>
        database.WriteAsync(WriteScope.Transaction, async session =>
        {
            // Holds off every other change of the table, and nobody who reads it. In SQLite writes are serial.
            if (database.Dialect == SqlDialect.Postgres)
                await session.ExecuteAsync("LOCK TABLE image_style IN SHARE ROW EXCLUSIVE MODE");
            return await work(session);
        }, cancellationToken);

    private sealed class Row
    {
        public string Name { get; init; } = "";
        public string Content { get; init; } = "";
        public string Accept { get; init; } = "";
        public long CreatedAt { get; init; }
        public long UpdatedAt { get; init; }

        public StyleRow Read() => new(
            Name, Content, Accept, DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt), DateTimeOffset.FromUnixTimeMilliseconds(UpdatedAt));
    }
}
