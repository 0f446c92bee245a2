using System.Globalization;
using System.Text.Json;

namespace OssProxy.Core.Records;

/// <summary>Marks stored images deleted and queues the removal of their objects, within a transaction of the caller: both or neither, and
/// each image once, whoever else deletes it at the same moment.</summary>
internal sealed class ObjectDeletions(SqlDialect dialect)
{
    private const string There = "state = 'stored' AND deleted_at IS NULL";

    private readonly string _holdImages = $"""
        SELECT id FROM image WHERE id IN {SqlWords.Of(dialect).Ids} AND {There} ORDER BY id{SqlWords.Of(dialect).ForUpdate}
        """;

    private readonly string _holdOfClasses = $"""
        SELECT id FROM image WHERE image_class_id IN {SqlWords.Of(dialect).Ids} AND {There} ORDER BY id{SqlWords.Of(dialect).ForUpdate}
        """;

    private readonly string _queue = $"""
        WITH named (class_id, due_at) AS MATERIALIZED (
            SELECT CAST(key AS bigint), CAST(value AS bigint) FROM {SqlWords.Of(dialect).DueTimes})
        INSERT INTO object_deletion (image_id, storage, path, due_at, state, create_time)
        SELECT image.id, image.storage, image.path, coalesce(named.due_at, @Otherwise), 'queued', @Now
        FROM image LEFT JOIN named ON named.class_id = image.image_class_id
        WHERE image.id IN {SqlWords.Of(dialect).Ids}
        """;

    private readonly string _mark = $"UPDATE image SET deleted_at = @Now WHERE id IN {SqlWords.Of(dialect).Ids}";

    /// <summary>Queues these images and returns how many there were to queue.</summary>
    public Task<int> QueueAsync(RecordsSession session, IReadOnlyList<long> imageIds, Retentions retentions, DateTimeOffset now) =>
        QueueAsync(_holdImages, session, imageIds, retentions, now);

    /// <summary>Queues all images of these classes and returns how many there were to queue. Holds their ids in memory.</summary>
    public Task<int> QueueOfClassesAsync(
        RecordsSession session, IReadOnlyList<long> classIds, Retentions retentions, DateTimeOffset now) =>
        QueueAsync(_holdOfClasses, session, classIds, retentions, now);

    // What is not held is not touched: a row that is restored or finished meanwhile would be marked and not queued, and rows that are locked
    // out of the order of ids let two who delete the same images wait for each other.
    private async Task<int> QueueAsync(
        string hold, RecordsSession session, IReadOnlyList<long> ids, Retentions retentions, DateTimeOffset now)
    {
        var held = await session.QueryAsync<long>(hold, new { Ids = JsonSerializer.Serialize(ids) });
        if (held.Count == 0)
            return 0;

        var due = retentions.ByClass.ToDictionary(
            retention => retention.Key.ToString(CultureInfo.InvariantCulture), retention => DueAt(now, retention.Value));
        var values = new
        {
            Ids = JsonSerializer.Serialize(held),
            DueTimes = JsonSerializer.Serialize(due),
            Otherwise = DueAt(now, retentions.Otherwise),
            Now = now.ToUnixTimeMilliseconds(),
        };
        await session.ExecuteAsync(_queue, values);
        return await session.ExecuteAsync(_mark, values);
    }

    // In milliseconds: a time so far away that no calendar has it is still a number.
    private static long DueAt(DateTimeOffset now, TimeSpan retention) => now.ToUnixTimeMilliseconds() + (long)retention.TotalMilliseconds;
}
