using System.Runtime.CompilerServices;
using System.Text.Json;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Records;

/// <summary>
/// The stored images, for consoles: listed, changed, deleted, restored. A deletion marks the row and queues the removal of its object in one
/// transaction; nobody else removes stored rows. Pending rows are seen by nobody here. Who puts an image into a class holds the class until
/// it is in, so that no image lies in a class that has gone. Locks are taken in one order: queued deletions, classes, images, each
/// by id.
/// </summary>
public sealed class ImageLibrary(RecordsDatabase database, TimeProvider time)
{
    /// <summary>Most ids in one call.</summary>
    public const int MaxIds = 1000;

    // How many rows a stream reads at once: some 250 KiB.
    private const int Portion = 500;

    private const string There = "state = 'stored' AND deleted_at IS NULL";

    private const string Edit = $"""
        UPDATE image
        SET name = coalesce(@Name, name), status = coalesce(@Status, status), "order" = coalesce(@Order, "order"),
            image_class_id = coalesce(@ClassId, image_class_id), update_time = @Now
        WHERE id = @Id AND {There}
        """;

    private const string Insert = """
        INSERT INTO image (image_class_id, path, name, url, "order", status, create_time, update_time, state, storage, media_type, node, owner,
            created_by)
        VALUES (@ClassId, '', @Name, @Url, @Order, @Status, @Now, @Now, 'stored', @Storage, @MediaType, '', @Owner, @CreatedBy)
        RETURNING id
        """;

    private readonly ImageQueries _queries = new(database.Dialect);

    private readonly ObjectDeletions _deletions = new(database.Dialect);

    private readonly Statements _statements = new(SqlWords.Of(database.Dialect));

    /// <summary>One page; <paramref name="page"/> counts from 1.</summary>
    public Task<ImagePage> ListAsync(ImageQuery query, int page, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(session => _queries.PageAsync(session, query, page, limit), cancellationToken);

    /// <summary>Everything the query meets, by id, smallest first, as a stream: read in portions, never held whole. No connection is held
    /// between portions, however slow the reader; a row that comes or goes meanwhile may be in it or not.</summary>
    public async IAsyncEnumerable<ImageRecord> StreamAsync(ImageQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var last = 0L;
        IReadOnlyList<ImageRecord> portion;
        do
        {
            var behind = last;
            portion = await database.ReadAsync(session => _queries.BehindAsync(session, query, behind, Portion), cancellationToken);
            foreach (var image in portion)
                yield return image;
            last = portion.Count > 0 ? portion[^1].Id : last;
        }
        while (portion.Count == Portion);
    }

    /// <summary>The images with these ids that are not deleted, by id.</summary>
    public Task<IReadOnlyList<ImageRecord>> FindAsync(IReadOnlyList<long> ids, CancellationToken cancellationToken)
    {
        RequireFew(ids);
        return database.ReadAsync(session => _queries.FindAsync(session, ids), cancellationToken);
    }

    /// <summary>The image of an object in a store; null when there is none, or it is deleted. Rows from before buckets were remembered
    /// count as being in the store's.</summary>
    public Task<ImageRecord?> OfObjectAsync(NamedStore store, string key, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async session =>
            {
                var found = await _queries.OfPathAsync(session, store.Name, store.Bucket, key);
                if (found is null && store.Bucket.Length > 0)
                    found = await _queries.OfPathAsync(session, store.Name, "", key);
                return found is { DeletedAt: null } ? found : null;
            },
            cancellationToken);

    /// <summary>Changes an image.</summary>
    /// <exception cref="RecordsException"><see cref="RecordsError.ImageNotFound"/>; <see cref="RecordsError.ClassNotFound"/> when the class that
    /// it is to move to does not exist.</exception>
    public Task EditAsync(long id, ImageEdit edit, CancellationToken cancellationToken)
    {
        var values = new
        {
            Id = id,
            Name = StorableText.Of(edit.Name),
            Status = edit.Enabled is { } enabled ? (int?)(enabled ? 1 : 0) : null,
            edit.Order,
            edit.ClassId,
            Now = Now(),
        };
        return database.WriteAsync(WriteScope.Transaction, async session =>
        {
            var held = await TryHoldAsync(session, edit.ClassId ?? 0);
            if (await session.ExecuteAsync(Edit, values) != 1)
                throw new RecordsException(RecordsError.ImageNotFound, $"There is no image {id}.");
            return held ? id : throw ClassNotFound(edit.ClassId);
        }, cancellationToken);
    }

    /// <summary>Moves images to a class (0 for none) and returns how many there were.</summary>
    /// <exception cref="RecordsException"><see cref="RecordsError.ClassNotFound"/>.</exception>
    public Task<int> MoveAsync(IReadOnlyList<long> ids, long classId, CancellationToken cancellationToken)
    {
        RequireFew(ids);
        var now = Now();
        return database.WriteAsync(WriteScope.Transaction, async session =>
        {
            if (!await TryHoldAsync(session, classId))
                throw ClassNotFound(classId);
            var held = await session.QueryAsync<long>(_statements.HoldImages, new { Ids = JsonSerializer.Serialize(ids) });
            return await session.ExecuteAsync(
                _statements.Move, new { Ids = JsonSerializer.Serialize(held), ClassId = classId, Now = now });
        }, cancellationToken);
    }

    /// <summary>Marks images deleted, queues the deletion of their objects, and returns those that there were. What is deleted already keeps
    /// its time.</summary>
    public Task<IReadOnlyList<long>> DeleteAsync(IReadOnlyList<long> ids, Retentions retentions, CancellationToken cancellationToken)
    {
        RequireFew(ids);
        var now = time.GetUtcNow();
        return database.WriteAsync(
            WriteScope.Transaction, session => _deletions.QueueAsync(session, ids, retentions, now), cancellationToken);
    }

    /// <summary>Takes deletions back that have not begun, and returns of which images. An image whose class has gone comes back into
    /// none.</summary>
    public Task<IReadOnlyList<long>> RestoreAsync(IReadOnlyList<long> ids, CancellationToken cancellationToken)
    {
        RequireFew(ids);
        return database.WriteAsync(WriteScope.Transaction, async session =>
        {
            // The worker takes an entry by changing its state: either it is still queued and goes here, or the worker has it.
            var held = await session.QueryAsync<long>(_statements.HoldQueued, new { Ids = JsonSerializer.Serialize(ids) });
            var values = new { Ids = JsonSerializer.Serialize(held) };
            await session.ExecuteAsync(_statements.TakeBack, values);
            await session.QueryAsync<long>(_statements.HoldTheirClasses, values);
            var restored = await session.QueryAsync<long>(_statements.HoldDeleted, values);
            await session.ExecuteAsync(_statements.Restore, values);
            return restored;
        }, cancellationToken);
    }

    /// <summary>Registers a URL whose object is not ours, and returns its id.</summary>
    /// <exception cref="RecordsException"><see cref="RecordsError.ClassNotFound"/>, <see cref="RecordsError.DailyLimitReached"/>.</exception>
    public Task<long> RegisterAsync(NewLink link, CancellationToken cancellationToken)
    {
        var values = new
        {
            link.ClassId,
            Name = StorableText.Of(link.Name),
            Url = StorableText.Of(link.Url),
            link.Order,
            Status = link.Enabled ? 1 : 0,
            Now = Now(),
            Storage = ImageRecord.Link,
            link.MediaType,
            Owner = StorableText.Of(link.Owner),
            CreatedBy = StorableText.Of(link.CreatedBy),
        };
        return database.WriteAsync(WriteScope.Transaction, async session =>
        {
            if (!await TryHoldAsync(session, link.ClassId))
                throw ClassNotFound(link.ClassId);
            if (link.Usage is { } usage)
                await usage.CountAsync(session, files: 1, bytes: 0);
            return await session.ScalarAsync<long>(Insert, values);
        }, cancellationToken);
    }

    private static void RequireFew(IReadOnlyList<long> ids) => ArgumentOutOfRangeException.ThrowIfGreaterThan(ids.Count, MaxIds, nameof(ids));

    private static RecordsException ClassNotFound(long? id) => new(RecordsError.ClassNotFound, $"There is no class {id}.");

    // Whether the class is there, and then it stays until the transaction ends; none at all is always there.
    private async Task<bool> TryHoldAsync(RecordsSession session, long classId) =>
        classId == 0 || await session.ScalarAsync<long>(_statements.HoldClass, new { ClassId = classId }) == 1;

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    // What is changed are the rows that were held before, each kind in the order of ids: who takes further rows on the way can meet somebody
    // who comes from the other side. A deleted image stays in its class, which can therefore be held first.
    private sealed class Statements(SqlWords words)
    {
        public string HoldClass { get; } = $"SELECT count(*) FROM (SELECT id FROM image_class WHERE id = @ClassId{words.ForKeyShare}) held";

        public string HoldImages { get; } = $"SELECT id FROM image WHERE id IN {words.Ids} AND {There} ORDER BY id{words.ForUpdate}";

        public string Move { get; } = $"UPDATE image SET image_class_id = @ClassId, update_time = @Now WHERE id IN {words.Ids}";

        public string HoldQueued { get; } = $"""
            SELECT image_id FROM object_deletion WHERE image_id IN {words.Ids} AND state = 'queued' ORDER BY image_id{words.ForUpdate}
            """;

        public string TakeBack { get; } = $"DELETE FROM object_deletion WHERE image_id IN {words.Ids}";

        public string HoldTheirClasses { get; } = $"""
            SELECT id FROM image_class WHERE id IN (SELECT image_class_id FROM image WHERE id IN {words.Ids}) ORDER BY id{words.ForKeyShare}
            """;

        public string HoldDeleted { get; } = $"SELECT id FROM image WHERE id IN {words.Ids} ORDER BY id{words.ForUpdate}";

        public string Restore { get; } = $"""
            UPDATE image
            SET deleted_at = NULL, image_class_id = coalesce((SELECT c.id FROM image_class c WHERE c.id = image.image_class_id), 0)
            WHERE id IN {words.Ids}
            """;
    }
}

/// <summary>A URL to be registered as an image.</summary>
/// <param name="Url">Absolute http(s) or root-relative, at most 1,000 characters.</param>
public sealed record NewLink(string Url, string Name, long ClassId, bool Enabled, int Order, string MediaType, string Owner, string CreatedBy)
{
    /// <summary>What the owner may register today; null for no limit.</summary>
    public DailyUsage? Usage { get; init; }
}
