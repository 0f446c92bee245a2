using System.Globalization;
using System.Text.Json;

namespace OssProxy.Core.Records;

/// <summary>Marks stored images deleted and queues the removal of their objects, within a transaction of the caller: both or neither, and
/// each image once, whoever else deletes it at the same moment.</summary>
internal sealed class ObjectDeletions(SqlDialect dialect)
{
    private readonly Statements _ofImages = new(dialect, "id");
    private readonly Statements _ofClasses = new(dialect, "image_class_id");

    /// <summary>Queues these images and returns how many there were to queue.</summary>
    public Task<int> QueueAsync(RecordsSession session, IReadOnlyList<long> imageIds, Retentions retentions, DateTimeOffset now) =>
        QueueAsync(_ofImages, session, imageIds, retentions, now);

    /// <summary>Queues all images of these classes and returns how many there were to queue.</summary>
    public Task<int> QueueOfClassesAsync(
        RecordsSession session, IReadOnlyList<long> classIds, Retentions retentions, DateTimeOffset now) =>
        QueueAsync(_ofClasses, session, classIds, retentions, now);

    private async Task<int> QueueAsync(
        Statements statements, RecordsSession session, IReadOnlyList<long> ids, Retentions retentions, DateTimeOffset now)
    {
        var due = retentions.ByClass.ToDictionary(
            retention => retention.Key.ToString(CultureInfo.InvariantCulture), retention => DueAt(now, retention.Value));
        var values = new
        {
            Ids = JsonSerializer.Serialize(ids),
            DueTimes = JsonSerializer.Serialize(due),
            Otherwise = DueAt(now, retentions.Otherwise),
            Now = now.ToUnixTimeMilliseconds(),
        };
        // In one order, or two who delete the same images could wait for each other.
        if (dialect == SqlDialect.Postgres)
            await session.ExecuteAsync(statements.Hold, values);
        await session.ExecuteAsync(statements.Queue, values);
        return await session.ExecuteAsync(statements.Mark, values);
    }

    // In milliseconds: a time so far away that no calendar has it is still a number.
    private static long DueAt(DateTimeOffset now, TimeSpan retention) => now.ToUnixTimeMilliseconds() + (long)retention.TotalMilliseconds;

    private sealed class Statements(SqlDialect dialect, string column)
    {
        private readonly string _which = $"image.{column} IN {SqlWords.Of(dialect).Ids} AND image.state = 'stored' AND image.deleted_at IS NULL";

        public string Hold => field ??= $"""
            SELECT count(*) FROM (SELECT id FROM image WHERE {_which} ORDER BY id{SqlWords.Of(dialect).ForUpdate}) held
            """;

        public string Queue => field ??= $"""
            WITH named (class_id, due_at) AS MATERIALIZED (
                SELECT CAST(key AS bigint), CAST(value AS bigint) FROM {SqlWords.Of(dialect).DueTimes})
            INSERT INTO object_deletion (image_id, storage, path, due_at, state, create_time)
            SELECT image.id, image.storage, image.path, coalesce(named.due_at, @Otherwise), 'queued', @Now
            FROM image LEFT JOIN named ON named.class_id = image.image_class_id
            WHERE {_which}
            """;

        public string Mark => field ??= $"UPDATE image SET deleted_at = @Now WHERE {_which}";
    }
}
