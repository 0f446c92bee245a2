using System.Runtime.CompilerServices;
using System.Text.Json;

namespace OssProxy.Core.Records;

/// <summary>A row as the comparison with the store sees it.</summary>
/// <param name="Size">In bytes; null when it is not known.</param>
/// <param name="State"><c>pending</c> or <c>stored</c>.</param>
/// <param name="DeletedAt">Unix milliseconds; null when it is not deleted.</param>
/// <param name="UpdatedAt">When it was written last, Unix milliseconds.</param>
public sealed record ComparedRow(long Id, string Path, long? Size, string State, string Node, long? DeletedAt, long UpdatedAt)
{
    /// <summary>Stored and not deleted: its object has to be there.</summary>
    public bool IsStored => State == "stored" && DeletedAt is null;

    /// <summary>When it was written last.</summary>
    public DateTimeOffset Updated => DateTimeOffset.FromUnixTimeMilliseconds(UpdatedAt);
}

/// <summary>The rows of one store beside its objects: as a stream in the order in which stores list, one by one to look again, and out.</summary>
/// <param name="store">The name of the store.</param>
/// <param name="bucket">Rows that name another bucket are not looked at; empty where stores have none.</param>
public sealed class ImageRows(RecordsDatabase database, string store, string bucket)
{
    private const int PageRows = 1000;

    private const string Columns = """
        SELECT id AS Id, path AS Path, size AS Size, state AS State, node AS Node, deleted_at AS DeletedAt, update_time AS UpdatedAt FROM image
        """;

    // Prefixes are one run of the bytes' order, so that the index finds the first and the stream knows the last.
    private const string Page = Columns + """
         WHERE storage = @Store AND bucket IN ('', @Bucket) AND path {bytes} >= @After AND (path {bytes} > @After OR id > @AfterId)
        ORDER BY path {bytes}, id LIMIT @Limit
        """;

    private const string Under = "SELECT count(*) FROM image WHERE storage = @Store AND path {bytes} = @Path AND (@Any = 1 OR state = 'pending')";

    // What a client may send by itself has a grant instead of a row until it has come: its own key, or a folder above it.
    private const string Granted = "SELECT count(*) FROM upload_grant WHERE storage = @Store AND bucket IN ('', @Bucket) AND path {bytes} IN ";

    private const string Links = "SELECT count(*) FROM image WHERE storage = 'link' AND url = @Url";

    private const string Whole = "SELECT * FROM image WHERE id = @Id";

    // Only the row that was looked at, unchanged.
    private const string Remove = """
        DELETE FROM image
        WHERE id = @Id AND storage = @Store AND path = @Path AND state = 'stored' AND deleted_at IS NULL AND update_time = @UpdatedAt
        """;

    private readonly string _page = InBytes(database, Page);
    private readonly string _under = InBytes(database, Under);
    private readonly string _granted = InBytes(database, Granted + SqlWords.Of(database.Dialect).Texts);

    /// <summary>Every row whose path begins with exactly this text, by the bytes of the path, then id; a page at a time, so that rows which
    /// come or go meanwhile may be seen or not.</summary>
    public async IAsyncEnumerable<ComparedRow> StreamAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (after, afterId) = (prefix, 0L);
        while (true)
        {
            var values = new { Store = store, Bucket = bucket, After = after, AfterId = afterId, Limit = PageRows };
            var rows = await database.ReadAsync(session => session.QueryAsync<ComparedRow>(_page, values), cancellationToken);
            foreach (var row in rows)
            {
                if (!row.Path.StartsWith(prefix, StringComparison.Ordinal))
                    yield break;
                yield return row;
            }

            if (rows.Count < PageRows)
                yield break;
            (after, afterId) = (rows[^1].Path, rows[^1].Id);
        }
    }

    /// <summary>Whether any row has this path, in whatever state and of whatever bucket, or an open grant is for it.</summary>
    public async Task<bool> AnyAsync(string path, CancellationToken cancellationToken) =>
        await LookAsync(path, any: 1, cancellationToken) || await IsGrantedAsync(path, cancellationToken);

    /// <summary>Whether an open grant is for this path: its object may be there without a row, and whoever keeps grants sees to it.</summary>
    public Task<bool> IsGrantedAsync(string path, CancellationToken cancellationToken)
    {
        var values = new { Store = store, Bucket = bucket, Texts = JsonSerializer.Serialize(UploadGrants.PathsOver(path)) };
        return database.ReadAsync(async session => await session.ScalarAsync<long>(_granted, values) > 0, cancellationToken);
    }

    /// <summary>Whether a console has registered this URL as an image: its object is not in the records, and is shown all the same.</summary>
    public Task<bool> AnyLinkAsync(string url, CancellationToken cancellationToken) =>
        database.ReadAsync(async session => await session.ScalarAsync<long>(Links, new { Url = url }) > 0, cancellationToken);

    /// <summary>Whether an upload to this path is under way, or may be.</summary>
    public async Task<bool> AnyPendingAsync(string path, CancellationToken cancellationToken) =>
        await LookAsync(path, any: 0, cancellationToken) || await IsGrantedAsync(path, cancellationToken);

    /// <summary>All columns of a row as one line of JSON; null when it is gone.</summary>
    public async Task<string?> DescribeAsync(ComparedRow row, CancellationToken cancellationToken)
    {
        var found = await database.ReadAsync(session => session.QueryAsync<object>(Whole, new { row.Id }), cancellationToken);
        return found is [IDictionary<string, object?> columns] ? JsonSerializer.Serialize(columns) : null;
    }

    /// <summary>Removes a stored row; false when it has changed since it was read.</summary>
    public async Task<bool> RemoveAsync(ComparedRow row, CancellationToken cancellationToken) =>
        await database.WriteAsync(
            WriteScope.Statement,
            session => session.ExecuteAsync(Remove, new { row.Id, Store = store, row.Path, row.UpdatedAt }),
            cancellationToken) == 1;

    private Task<bool> LookAsync(string path, int any, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async session => await session.ScalarAsync<long>(_under, new { Store = store, Path = path, Any = any }) > 0, cancellationToken);

    private static string InBytes(RecordsDatabase database, string sql) => SqlWords.Of(database.Dialect).InBytes(sql);
}
