using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Records;

/// <summary>The upload's rows in table <c>image</c>. A claim and a finish cost one statement each.</summary>
/// <param name="database">A started database.</param>
/// <param name="node">The node whose claims these are: <see cref="NodeIdentity.Id"/>.</param>
public sealed class UploadRecords(RecordsDatabase database, string node, TimeProvider time) : IUploadRecords
{
    private const string Insert = """
        INSERT INTO image (path, url, name, create_time, update_time, state, storage, bucket, media_type, original_name, width, height,
            owner, created_by, node)
        VALUES (@Path, @Url, @Name, @Now, @Now, 'pending', @Store, @Bucket, @MediaType, @OriginalName, @Width, @Height,
            @Owner, @CreatedBy, @Node)
        RETURNING id
        """;

    private const string Finish = """
        UPDATE image
        SET state = 'stored', image_class_id = @ClassId, size = @Length, crc64 = @Crc64, sha256 = @Sha256, create_time = @CreatedAt,
            update_time = @CreatedAt
        WHERE id = @Id AND node = @Node AND state = 'pending'
        """;

    private const string ClassExists = "SELECT count(*) FROM image_class WHERE id = @ClassId";

    private const string InClass = $"{Finish} AND EXISTS (SELECT 1 FROM image_class WHERE id = @ClassId)";

    // The class cannot go while the row is becoming its own: whoever deletes it waits, and then sees the row.
    private const string InLockedClass = $"{Finish} AND EXISTS (SELECT 1 FROM image_class WHERE id = @ClassId FOR KEY SHARE)";

    private const string Delete = "DELETE FROM image WHERE id = @Id AND node = @Node AND state = 'pending'";

    private const string Pending = """
        SELECT id, storage, path FROM image
        WHERE state = 'pending' AND node = @Node AND id > @AfterId
        ORDER BY id LIMIT @Limit
        """;

    /// <inheritdoc/>
    public bool AreKept => true;

    /// <inheritdoc/>
    public Task<long> ClaimAsync(NewUpload upload, CancellationToken cancellationToken)
    {
        var values = new
        {
            Path = upload.Key.Value,
            upload.Url,
            Name = Storable(upload.Name),
            Now = time.GetUtcNow().ToUnixTimeMilliseconds(),
            upload.Store,
            upload.Bucket,
            upload.MediaType,
            OriginalName = Storable(upload.OriginalName),
            upload.Width,
            upload.Height,
            upload.Owner,
            upload.CreatedBy,
            Node = node,
        };
        return database.WriteAsync(WriteScope.Statement, session => session.ScalarAsync<long>(Insert, values), cancellationToken);
    }

    /// <inheritdoc/>
    public Task FinishAsync(IReadOnlyList<FinishedUpload> uploads, Filing filing, CancellationToken cancellationToken)
    {
        var created = filing.CreatedAt.ToUnixTimeMilliseconds();
        var finish = filing.ClassId == 0 ? Finish : database.Dialect == SqlDialect.Postgres ? InLockedClass : InClass;
        var scope = uploads.Count == 1 && filing.Usage is null ? WriteScope.Statement : WriteScope.Transaction;
        return database.WriteAsync(scope, async session =>
        {
            if (filing.Usage is { } usage)
                await usage.CountAsync(session, uploads.Count, uploads.Sum(upload => upload.Length));
            foreach (var upload in uploads)
            {
                var crc64 = upload.Crc64?.ToString(CultureInfo.InvariantCulture);
                var values = new
                {
                    filing.ClassId,
                    upload.Length,
                    Crc64 = crc64,
                    upload.Sha256,
                    CreatedAt = created,
                    upload.Id,
                    Node = node,
                };
                if (await session.ExecuteAsync(finish, values) != 1)
                    throw await WhyNotAsync(session, upload.Id, filing.ClassId);
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

    private static async Task<RecordsException> WhyNotAsync(RecordsSession session, long id, long classId) =>
        classId != 0 && await session.ScalarAsync<long>(ClassExists, new { ClassId = classId }) == 0
            ? new RecordsException(RecordsError.ClassNotFound, $"Class {classId} has gone.")
            : new RecordsException(RecordsError.ClaimLost, $"Claim {id} is no longer pending.");

    // A client's file name may hold what PostgreSQL refuses: NUL, or half a surrogate pair where a name was cut. It must not look like an
    // outage of the database.
    [return: NotNullIfNotNull(nameof(text))]
    private static string? Storable(string? text)
    {
        if (text is null)
            return null;
        return string.Concat(text.EnumerateRunes().Select(rune => rune.Value == 0 ? "\uFFFD" : rune.ToString()));
    }

    private sealed record PendingRow(long Id, string Storage, string Path);
}
