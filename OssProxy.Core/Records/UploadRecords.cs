using System.Globalization;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Records;

/// <summary>The upload's rows in table <c>image</c>. A claim and a finish cost one statement each.</summary>
/// <param name="database">A started database.</param>
/// <param name="node">The node whose claims these are: <see cref="NodeIdentity.Id"/>.</param>
public sealed class UploadRecords(RecordsDatabase database, string node, TimeProvider time) : IUploadRecords
{
    private const string Insert = """
        INSERT INTO image (path, url, create_time, update_time, state, storage, media_type, original_name, node)
        VALUES (@Path, @Url, @Now, @Now, 'pending', @Store, @MediaType, @OriginalName, @Node)
        RETURNING id
        """;

    private const string Finish = """
        UPDATE image
        SET state = 'stored', image_class_id = @ClassId, size = @Length, crc64 = @Crc64, create_time = @CreatedAt, update_time = @CreatedAt
        WHERE id = @Id AND node = @Node AND state = 'pending'
        """;

    private const string Delete = "DELETE FROM image WHERE id = @Id AND node = @Node AND state = 'pending'";

    private const string Pending = """
        SELECT id, storage, path FROM image
        WHERE state = 'pending' AND node = @Node AND id > @AfterId
        ORDER BY id LIMIT @Limit
        """;

    /// <inheritdoc/>
    public Task<long> ClaimAsync(NewUpload upload, CancellationToken cancellationToken)
    {
        var values = new
        {
            Path = upload.Key.Value,
            upload.Url,
            Now = time.GetUtcNow().ToUnixTimeMilliseconds(),
            upload.Store,
            upload.MediaType,
            OriginalName = Storable(upload.OriginalName),
            Node = node,
        };
        return database.WriteAsync(WriteScope.Statement, session => session.ScalarAsync<long>(Insert, values), cancellationToken);
    }

    /// <inheritdoc/>
    public Task FinishAsync(
        IReadOnlyList<FinishedUpload> uploads, long classId, DateTimeOffset createdAt, CancellationToken cancellationToken)
    {
        var created = createdAt.ToUnixTimeMilliseconds();
        return database.WriteAsync(uploads.Count == 1 ? WriteScope.Statement : WriteScope.Transaction, async session =>
        {
            foreach (var upload in uploads)
            {
                var crc64 = upload.Crc64?.ToString(CultureInfo.InvariantCulture);
                var values = new { ClassId = classId, upload.Length, Crc64 = crc64, CreatedAt = created, upload.Id, Node = node };
                if (await session.ExecuteAsync(Finish, values) != 1)
                    throw new RecordsException(RecordsError.ClaimLost, $"Claim {upload.Id} is no longer pending.");
            }

            return uploads.Count;
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public Task ReleaseAsync(long id, CancellationToken cancellationToken) =>
        database.WriteAsync(WriteScope.Statement, session => session.ExecuteAsync(Delete, new { Id = id, Node = node }), cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<PendingUpload>> PendingAsync(long afterId, int limit, CancellationToken cancellationToken)
    {
        var values = new { Node = node, AfterId = afterId, Limit = limit };
        var rows = await database.ReadAsync(session => session.QueryAsync<PendingRow>(Pending, values), cancellationToken);
        return [.. rows.Select(row => new PendingUpload(row.Id, row.Storage, ObjectKey.TryParse(row.Path, out var key) ? key : null))];
    }

    // A client's file name may hold what PostgreSQL refuses: NUL, or half a surrogate pair where a name was cut. It must not look like an
    // outage of the database.
    private static string? Storable(string? text)
    {
        if (text is null)
            return null;
        return string.Concat(text.EnumerateRunes().Select(rune => rune.Value == 0 ? "\uFFFD" : rune.ToString()));
    }

    private sealed record PendingRow(long Id, string Storage, string Path);
}
