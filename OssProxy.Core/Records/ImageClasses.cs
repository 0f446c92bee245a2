using System.Text.Json;

namespace OssProxy.Core.Records;

/// <summary>
/// The tree of classes. A handful of rows, read whole where a tree is asked for. Changes of the tree happen one after the other: each sees
/// the tree as the one before has left it, so that no two of them close a circle or take one name.
/// </summary>
public sealed class ImageClasses(RecordsDatabase database, TimeProvider time)
{
    /// <summary>The deepest that a class may lie; a root lies at 1.</summary>
    public const int MaxDepth = 16;

    /// <summary>How many images go in one transaction: a tenth of a second on a busy machine.</summary>
    internal const int DeletedAtOnce = 2000;

    private const int DefaultOrder = 50;

    private const string Select = """
        SELECT c.id, c.pid AS ParentId, c.name, c."desc" AS Description, c."order", c.status, c.policy, c.create_time AS CreatedAt,
            c.update_time AS UpdatedAt
        FROM image_class c
        """;

    private const string All = $"{Select} ORDER BY c.\"order\", c.id";

    // Bounded, should somebody else have written a circle into the table.
    private const string LineageIds = """
        WITH RECURSIVE lineage (id, pid, depth) AS (
            SELECT id, pid, 1 FROM image_class WHERE id = @Id
            UNION ALL
            SELECT above.id, above.pid, lineage.depth + 1 FROM image_class above JOIN lineage ON above.id = lineage.pid
            WHERE lineage.depth < @MaxDepth)
        """;

    private const string Lineage = $"{LineageIds} {Select} JOIN lineage ON lineage.id = c.id ORDER BY lineage.depth";

    private const string IdsAbove = $"{LineageIds} SELECT id FROM lineage ORDER BY depth";

    private const string Height = """
        WITH RECURSIVE below (id, depth) AS (
            SELECT id, 1 FROM image_class WHERE id = @Id
            UNION ALL
            SELECT child.id, below.depth + 1 FROM image_class child JOIN below ON child.pid = below.id WHERE below.depth < @MaxDepth)
        SELECT max(depth) FROM below
        """;

    // UNION ends in a circle as well. Locked in the order of ids, as everybody does who locks more than one class.
    private const string IdsFromHereDown = """
        WITH RECURSIVE below (id) AS (
            SELECT id FROM image_class WHERE id = @Id
            UNION
            SELECT child.id FROM image_class child JOIN below ON child.pid = below.id)
        SELECT id FROM image_class WHERE id IN (SELECT id FROM below) ORDER BY id
        """;

    private const string Insert = """
        INSERT INTO image_class (pid, name, "desc", "order", status, create_time, update_time)
        VALUES (@ParentId, @Name, @Description, @Order, @Status, @Now, @Now)
        ON CONFLICT (pid, name) DO NOTHING
        RETURNING id
        """;

    private const string Change = """
        UPDATE image_class
        SET pid = @ParentId, name = @Name, "desc" = @Description, "order" = @Order, status = @Status, update_time = @Now
        WHERE id = @Id
            AND NOT EXISTS (SELECT 1 FROM image_class other WHERE other.pid = @ParentId AND other.name = @Name AND other.id <> @Id)
        """;

    private const string PolicyOf = "SELECT policy FROM image_class WHERE id = @Id";

    private const string ChangePolicy = "UPDATE image_class SET policy = @Policy, update_time = @Now WHERE id = @Id";

    // Told by the index image_listed alone.
    private const string Counts = """
        SELECT image_class_id AS ClassId, count(*) AS Images FROM image WHERE state = 'stored' AND deleted_at IS NULL GROUP BY image_class_id
        """;

    private const string Usage = """
        SELECT image_class_id AS ClassId, count(*) AS Images, CAST(coalesce(sum(size), 0) AS bigint) AS Bytes
        FROM image WHERE state = 'stored' AND deleted_at IS NULL
        GROUP BY image_class_id ORDER BY image_class_id
        """;

    private readonly SqlWords _words = SqlWords.Of(database.Dialect);

    private readonly ObjectDeletions _deletions = new(database.Dialect);

    /// <summary>All classes, by <see cref="ImageClass.Order"/>, then id.</summary>
    public Task<IReadOnlyList<ImageClass>> AllAsync(CancellationToken cancellationToken) => ReadAsync(All, values: null, cancellationToken);

    /// <summary>A class and those above it, itself first, the root last; empty when there is no such class. One query: it is on the way of
    /// every upload into a class.</summary>
    public Task<IReadOnlyList<ImageClass>> LineageAsync(long id, CancellationToken cancellationToken) =>
        ReadAsync(Lineage, new { Id = id, MaxDepth }, cancellationToken);

    /// <summary>Creates a class. The draft has a name.</summary>
    /// <exception cref="RecordsException"><see cref="RecordsError.ClassNameTaken"/>, <see cref="RecordsError.ClassParentInvalid"/>.</exception>
    public Task<ImageClass> CreateAsync(ClassDraft draft, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(draft.Name, nameof(draft));
        var now = Now();
        var blank = new ImageClass(0, 0, "", "", DefaultOrder, Enabled: true, Policy: null, now, now);
        var wanted = Changed(blank, draft, now);
        return ChangeTreeAsync(async session =>
        {
            await RequireRoomAsync(session, wanted.ParentId, height: 1);
            var id = await session.ScalarAsync<long>(Insert, Values(wanted));
            return id > 0 ? wanted with { Id = id } : throw NameTaken(wanted);
        }, cancellationToken);
    }

    /// <summary>Changes a class.</summary>
    /// <exception cref="RecordsException"><see cref="RecordsError.ClassNotFound"/>, <see cref="RecordsError.ClassNameTaken"/>,
    /// <see cref="RecordsError.ClassParentInvalid"/>.</exception>
    public Task UpdateAsync(long id, ClassDraft draft, CancellationToken cancellationToken)
    {
        var now = Now();
        return ChangeTreeAsync(async session =>
        {
            var rows = await session.QueryAsync<ClassRow>($"{Select} WHERE c.id = @Id", new { Id = id });
            var before = rows.Count > 0 ? rows[0].Read() : throw NotFound(id);
            var wanted = Changed(before, draft, now);
            if (wanted.ParentId != before.ParentId)
                await RequireRoomAsync(session, wanted.ParentId, await session.ScalarAsync<int>(Height, new { Id = id, MaxDepth }), id);
            return await session.ExecuteAsync(Change, Values(wanted)) == 1 ? wanted : throw NameTaken(wanted);
        }, cancellationToken);
    }

    /// <summary>Gives a class a policy of its own, or takes it away, and returns whether that changed anything.</summary>
    /// <param name="policy">JSON that has been read and found good.</param>
    /// <exception cref="RecordsException"><see cref="RecordsError.ClassNotFound"/>.</exception>
    public Task<bool> SetPolicyAsync(long id, string? policy, CancellationToken cancellationToken)
    {
        var values = new { Id = id, Policy = StorableText.Of(policy), Now = Now().ToUnixTimeMilliseconds() };
        return ChangeTreeAsync(async session =>
        {
            var before = await session.ScalarAsync<string>(PolicyOf, new { values.Id });
            return await session.ExecuteAsync(ChangePolicy, values) == 1 ? before != values.Policy : throw NotFound(id);
        }, cancellationToken);
    }

    /// <summary>Removes a class and all below it, marks their images deleted and queues the deletions. Images that were deleted before keep
    /// their time. A class with no more images than a portion goes in one transaction. Of a larger one whole portions go before, each in a
    /// transaction of its own: some hundred thousand rows in one outlast every command time-out, for ever, and hold up the uploads of all
    /// others, which now wait for a portion at most. A failure or a cancellation on the way leaves the class with fewer images, which can
    /// be restored; deleting it again goes on from there.</summary>
    /// <param name="retentions">How long what is deleted can be restored.</param>
    /// <param name="progress">Told of how many images each portion had, once they are marked.</param>
    /// <exception cref="RecordsException"><see cref="RecordsError.ClassNotFound"/>.</exception>
    public async Task DeleteAsync(long id, Retentions retentions, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        var now = Now();
        for (ClassedImage? last = new ClassedImage(0, 0); last is { } behind;)
        {
            (last, var images) = await ChangeTreeAsync(session => DeletePortionAsync(session, id, behind, retentions, now), cancellationToken);
            progress?.Report(images);
        }
    }

    /// <summary>How many images each class holds by itself; classes that hold nothing are left out. Class 0 is what is in none. Cheaper than
    /// <see cref="UsageAsync"/>, which reads every row.</summary>
    public async Task<IReadOnlyDictionary<long, long>> CountsAsync(CancellationToken cancellationToken)
    {
        var rows = await database.ReadAsync(session => session.QueryAsync<UsageRow>(Counts), cancellationToken);
        return rows.ToDictionary(row => row.ClassId, row => row.Images);
    }

    /// <summary>What each class holds; classes that hold nothing are left out. Class 0 is what is in none.</summary>
    public async Task<IReadOnlyList<ClassUsage>> UsageAsync(CancellationToken cancellationToken)
    {
        var rows = await database.ReadAsync(session => session.QueryAsync<UsageRow>(Usage), cancellationToken);
        return [.. rows.Select(row => new ClassUsage(row.ClassId, row.Images, row.Bytes))];
    }

    // Returns the last image of the portion, or null when the classes have gone, and how many were marked. Nobody changes the tree meanwhile,
    // so that no class leaves it whose images go; between portions it may change.
    private async Task<(ClassedImage? Last, int Images)> DeletePortionAsync(
        RecordsSession session, long id, ClassedImage behind, Retentions retentions, DateTimeOffset now)
    {
        var ids = await session.QueryAsync<long>(IdsFromHereDown, new { Id = id });
        if (ids.Count == 0)
            throw NotFound(id);
        var portion = await ObjectDeletions.OfClassesAsync(session, ids, behind, DeletedAtOnce);
        if (portion.Count == DeletedAtOnce)
        {
            var queued = await _deletions.QueueOfClassesAsync(session, portion, retentions, now);
            return (portion[^1], queued);
        }

        // The classes first: this waits for whoever holds one to put an image into it, and whoever comes later finds it gone. The images
        // are looked for in a statement of their own, which sees what those have put there.
        await session.QueryAsync<long>(IdsFromHereDown + _words.ForUpdate, new { Id = id });
        await session.ExecuteAsync($"DELETE FROM image_class WHERE id IN {_words.Ids}", new { Ids = JsonSerializer.Serialize(ids) });
        return (null, await _deletions.QueueOfClassesAsync(session, ids, retentions, now));
    }

    // The parent exists, is not at or below the class that moves, and leaves room for what hangs on that.
    private static async Task RequireRoomAsync(RecordsSession session, long parentId, int height, long? moving = null)
    {
        var above = parentId == 0 ? [] : await session.QueryAsync<long>(IdsAbove, new { Id = parentId, MaxDepth });
        if ((parentId != 0 && above.Count == 0) || (moving is { } id && above.Contains(id)) || above.Count + height > MaxDepth)
            throw new RecordsException(RecordsError.ClassParentInvalid, $"Class {parentId} cannot be the parent.");
    }

    private static ImageClass Changed(ImageClass before, ClassDraft draft, DateTimeOffset now) => before with
    {
        ParentId = draft.ParentId ?? before.ParentId,
        Name = StorableText.Of(draft.Name) ?? before.Name,
        Description = StorableText.Of(draft.Description) ?? before.Description,
        Order = draft.Order ?? before.Order,
        Enabled = draft.Enabled ?? before.Enabled,
        UpdatedAt = now,
    };

    private static object Values(ImageClass written) => new
    {
        written.Id,
        written.ParentId,
        written.Name,
        written.Description,
        written.Order,
        Status = written.Enabled ? 1 : 0,
        Now = written.UpdatedAt.ToUnixTimeMilliseconds(),
    };

    private static RecordsException NotFound(long id) => new(RecordsError.ClassNotFound, $"There is no class {id}.");

    private static RecordsException NameTaken(ImageClass wanted) =>
        new(RecordsError.ClassNameTaken, $"Another class below {wanted.ParentId} has the name.");

    // As the database keeps it.
    private DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

    private Task<T> ChangeTreeAsync<T>(Func<RecordsSession, Task<T>> work, CancellationToken cancellationToken) =>
        database.WriteAsync(WriteScope.Transaction, async session =>
        {
            // Holds off every other change of the table, and nobody who reads it or puts images into a class. In SQLite writes are serial.
            if (database.Dialect == SqlDialect.Postgres)
                await session.ExecuteAsync("LOCK TABLE image_class IN SHARE ROW EXCLUSIVE MODE");
            return await work(session);
        }, cancellationToken);

    private async Task<IReadOnlyList<ImageClass>> ReadAsync(string sql, object? values, CancellationToken cancellationToken)
    {
        var rows = await database.ReadAsync(session => session.QueryAsync<ClassRow>(sql, values), cancellationToken);
        return [.. rows.Select(row => row.Read())];
    }

    // The databases give integers in different widths; properties, unlike a constructor, take either.
    private sealed class ClassRow
    {
        public long Id { get; init; }
        public long ParentId { get; init; }
        public string Name { get; init; } = "";
        public string Description { get; init; } = "";
        public int Order { get; init; }
        public int Status { get; init; }
        public string? Policy { get; init; }
        public long CreatedAt { get; init; }
        public long UpdatedAt { get; init; }

        public ImageClass Read() => new(
            Id, ParentId, Name, Description, Order, Status != 0, Policy, DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
            DateTimeOffset.FromUnixTimeMilliseconds(UpdatedAt));
    }

    private sealed class UsageRow
    {
        public long ClassId { get; init; }
        public long Images { get; init; }
        public long Bytes { get; init; }
    }
}
