using System.Globalization;
using System.Text.Json;

namespace OssProxy.Core.Records;

/// <summary>Marks stored images deleted and queues the removal of their objects, within a transaction of the caller: both or neither, and
/// each image once, whoever else deletes it at the same moment. The time is the database's, as that of whoever will remove the objects: a
/// node whose clock is wrong must not shorten what can be restored.</summary>
internal sealed class ObjectDeletions(SqlDialect dialect)
{
    private const string There = "state = 'stored' AND deleted_at IS NULL";

    // In the order of the index image_listed, behind what has gone already: where somebody reads an older state of the database, its entries
    // are still in PostgreSQL's index, and looking through them for each portion would take longer with every one.
    private const string OfClass = $"""
        SELECT id FROM image WHERE image_class_id = @ClassId AND id > @After AND {There} ORDER BY id LIMIT @Limit
        """;

    private readonly string _holdImages = $"""
        SELECT id FROM image WHERE id IN {SqlWords.Of(dialect).Ids} AND {There} ORDER BY id{SqlWords.Of(dialect).ForUpdate}
        """;

    private readonly string _holdOfClasses = $"""
        SELECT id FROM image WHERE image_class_id IN {SqlWords.Of(dialect).Ids} AND {There} ORDER BY id{SqlWords.Of(dialect).ForUpdate}
        """;

    // An image that has moved to another class since it was looked for is not held.
    private readonly string _holdPortion = $"""
        SELECT id FROM image
        WHERE id IN {SqlWords.Of(dialect).Ids} AND {There}
            AND image_class_id IN {SqlWords.Of(dialect).Ids.Replace("@Ids", "@ClassIds", StringComparison.Ordinal)}
        ORDER BY id{SqlWords.Of(dialect).ForUpdate}
        """;

    private readonly string _queue = DatabaseClock.Tell(dialect, $$"""
        WITH named (class_id, retention) AS MATERIALIZED (
            SELECT CAST(key AS bigint), CAST(value AS bigint) FROM {{SqlWords.Of(dialect).Retentions}})
        INSERT INTO object_deletion (image_id, storage, path, due_at, state, create_time)
        SELECT image.id, image.storage, image.path, {now} + coalesce(named.retention, @Otherwise), 'queued', {now}
        FROM image LEFT JOIN named ON named.class_id = image.image_class_id
        WHERE image.id IN {{SqlWords.Of(dialect).Ids}}
        """);

    private readonly string _mark = DatabaseClock.Tell(
        dialect, $$"""UPDATE image SET deleted_at = {now} WHERE id IN {{SqlWords.Of(dialect).Ids}}""");

    /// <summary>Queues these images and returns those that there were to queue.</summary>
    public Task<IReadOnlyList<long>> QueueAsync(
        RecordsSession session, IReadOnlyList<long> imageIds, Retentions retentions, DateTimeOffset now) =>
        QueueAsync(_holdImages, new { Ids = JsonSerializer.Serialize(imageIds) }, session, retentions, now);

    /// <summary>Queues all images of these classes and returns how many there were to queue. Holds their ids in memory.</summary>
    public async Task<int> QueueOfClassesAsync(
        RecordsSession session, IReadOnlyList<long> classIds, Retentions retentions, DateTimeOffset now) =>
        (await QueueAsync(_holdOfClasses, new { Ids = JsonSerializer.Serialize(classIds) }, session, retentions, now)).Count;

    /// <summary>Queues these images as far as they still lie in one of their classes, and returns how many there were to queue.</summary>
    public async Task<int> QueueOfClassesAsync(
        RecordsSession session, IReadOnlyList<ClassedImage> images, Retentions retentions, DateTimeOffset now)
    {
        var values = new
        {
            Ids = JsonSerializer.Serialize(images.Select(image => image.Id)),
            ClassIds = JsonSerializer.Serialize(images.Select(image => image.ClassId).Distinct()),
        };
        return (await QueueAsync(_holdPortion, values, session, retentions, now)).Count;
    }

    /// <summary>The images of these classes that can be queued, by class, then id, at most <paramref name="limit"/> behind
    /// <paramref name="behind"/>. Holds none of them.</summary>
    /// <param name="classIds">Smallest first.</param>
    public static async Task<IReadOnlyList<ClassedImage>> OfClassesAsync(
        RecordsSession session, IReadOnlyList<long> classIds, ClassedImage behind, int limit)
    {
        var found = new List<ClassedImage>();
        foreach (var classId in classIds.SkipWhile(id => id < behind.ClassId))
        {
            var after = classId == behind.ClassId ? behind.Id : 0;
            var ids = await session.QueryAsync<long>(OfClass, new { ClassId = classId, After = after, Limit = limit - found.Count });
            found.AddRange(ids.Select(id => new ClassedImage(classId, id)));
            if (found.Count == limit)
                break;
        }

        return found;
    }

    // What is not held is not touched: a row that is restored or finished meanwhile would be marked and not queued, and rows that are locked
    // out of the order of ids let two who delete the same images wait for each other.
    private async Task<IReadOnlyList<long>> QueueAsync(
        string hold, object named, RecordsSession session, Retentions retentions, DateTimeOffset now)
    {
        var held = await session.QueryAsync<long>(hold, named);
        if (held.Count == 0)
            return held;

        var byClass = retentions.ByClass.ToDictionary(
            retention => retention.Key.ToString(CultureInfo.InvariantCulture), retention => (long)retention.Value.TotalMilliseconds);
        var values = new
        {
            Ids = JsonSerializer.Serialize(held),
            Retentions = JsonSerializer.Serialize(byClass),
            Otherwise = (long)retentions.Otherwise.TotalMilliseconds,
            Now = now.ToUnixTimeMilliseconds(),
        };
        await session.ExecuteAsync(_queue, values);
        await session.ExecuteAsync(_mark, values);
        return held;
    }
}

/// <summary>An image and the class that it was found in.</summary>
internal readonly record struct ClassedImage(long ClassId, long Id);
