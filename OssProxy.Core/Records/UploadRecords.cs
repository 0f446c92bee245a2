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
            main_color, owner, created_by, node)
        VALUES (@Path, @Url, @Name, @Now, @Now, 'pending', @Store, @Bucket, @MediaType, @OriginalName, @Width, @Height,
            @MainColor, @Owner, @CreatedBy, @Node)
        RETURNING id
        """;

    // Two uploads with one policy may name one key: the database knows which came first.
    private const string InsertGranted = """
        INSERT INTO image (path, url, name, create_time, update_time, state, storage, bucket, media_type, original_name, width, height,
            main_color, owner, created_by, node, grant_id)
        VALUES (@Path, @Url, @Name, @Now, @Now, 'pending', @Store, @Bucket, @MediaType, @OriginalName, @Width, @Height,
            @MainColor, @Owner, @CreatedBy, @Node, @GrantId)
        ON CONFLICT (storage, bucket, path) WHERE grant_id IS NOT NULL DO NOTHING
        RETURNING id
        """;

    private const string Finish = """
        UPDATE image
        SET state = 'stored', image_class_id = @ClassId, size = @Length, crc64 = @Crc64, sha256 = @Sha256, create_time = @CreatedAt,
            update_time = @CreatedAt
        WHERE id = @Id AND node = @Node AND state = 'pending'
        """;

    private const string ClassExists = "SELECT count(*) FROM image_class WHERE id = @ClassId";

    // The class cannot go while the row is becoming its own: whoever deletes it waits, and then sees the row.
    private readonly string _inClass =
        $"{Finish} AND EXISTS (SELECT 1 FROM image_class WHERE id = @ClassId{SqlWords.Of(database.Dialect).ForKeyShare})";

    private const string Delete = "DELETE FROM image WHERE id = @Id AND node = @Node AND state = 'pending'";

    private const string Pending = """
        SELECT id AS Id, storage AS Storage, path AS Path, coalesce(grant_id, 0) AS GrantId FROM image
        WHERE state = 'pending' AND node = @Node AND id > @AfterId
        ORDER BY id LIMIT @Limit
        """;

    /// <inheritdoc/>
    public bool AreKept => true;

    /// <inheritdoc/>
    public async Task<long> ClaimAsync(NewUpload upload, CancellationToken cancellationToken)
    {
        var values = new
        {
            Path = upload.Key.Value,
            upload.Url,
            Name = StorableText.Of(upload.Name) ?? "",
            Now = time.GetUtcNow().ToUnixTimeMilliseconds(),
            upload.Store,
            upload.Bucket,
            upload.MediaType,
            OriginalName = StorableText.Of(upload.OriginalName),
            upload.Width,
            upload.Height,
            upload.MainColor,
            upload.Owner,
            upload.CreatedBy,
            Node = node,
            upload.GrantId,
        };
        var insert = upload.GrantId is null ? Insert : InsertGranted;
        var id = await database.WriteAsync(WriteScope.Statement, session => session.ScalarAsync<long>(insert, values), cancellationToken);
        return id > 0 ? id : throw new RecordsException(RecordsError.KeyTaken, "The key is that of another upload under a grant.");
    }

    /// <inheritdoc/>
    public Task FinishAsync(IReadOnlyList<FinishedUpload> uploads, Filing filing, CancellationToken cancellationToken)
    {
        var created = filing.CreatedAt.ToUnixTimeMilliseconds();
        var finish = filing.ClassId == 0 ? Finish : _inClass;
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
        return [.. rows.Select(row => new PendingUpload(row.Id, row.Storage, ObjectKey.TryParse(row.Path, out var key) ? key : null)
        {
            IsGranted = row.GrantId != 0,
        })];
    }

    private static async Task<RecordsException> WhyNotAsync(RecordsSession session, long id, long classId) =>
        classId != 0 && await session.ScalarAsync<long>(ClassExists, new { ClassId = classId }) == 0
            ? new RecordsException(RecordsError.ClassNotFound, $"Class {classId} has gone.")
            : new RecordsException(RecordsError.ClaimLost, $"Claim {id} is no longer pending.");

    // Properties: of a computed column SQLite tells no type before there is a row, which a constructor would have to fit.
    private sealed class PendingRow
    {
        public long Id { get; init; }
        public string Storage { get; init; } = "";
        public string Path { get; init; } = "";
        public long GrantId { get; init; }
    }
}
