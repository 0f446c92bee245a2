using System.Collections.Concurrent;
using OssProxy.Core.Records;

namespace OssProxy.Core.Identity;

/// <summary>
/// The requests of all processes that share a PostgreSQL: one row for each subject, one statement for each request, minutes by the database's
/// clock. Who has used up a minute is refused here until it ends without asking again, so that the busiest subject, whose row all its requests
/// stand in line for, writes it no more often than its limit says, and a flood stays with us.
/// </summary>
internal sealed class SharedRequestCounts : IRequestCounts
{
    // Who asked just before the turn of a minute may get here just after it, and counts in the minute that the row has reached. A row that is
    // further ahead comes from a clock that has been set back since.
    private const string Count = """
        INSERT INTO rate_count AS counted (subject, minute, count) VALUES (@Subject, {now} / 60000, 1)
        ON CONFLICT (subject) DO UPDATE SET
            count = CASE WHEN counted.minute - excluded.minute IN (0, 1) THEN counted.count + 1 ELSE 1 END,
            minute = CASE WHEN counted.minute - excluded.minute = 1 THEN counted.minute ELSE excluded.minute END
        RETURNING CASE WHEN counted.count <= @Most THEN 0 ELSE greatest(1, (counted.minute + 1) * 60000 - {now}) END
        """;

    /// <summary>Most subjects that are remembered as refused, of about 250 bytes each. With more all are forgotten, which costs each of them
    /// one statement.</summary>
    internal const int MostRefused = 10_000;

    private readonly RecordsDatabase _database;
    private readonly TimeProvider _time;
    private readonly string _count;
    private readonly ConcurrentDictionary<string, (long At, TimeSpan Wait)> _refused = new(StringComparer.Ordinal);

    public SharedRequestCounts(RecordsDatabase database, TimeProvider time)
    {
        _database = database;
        _time = time;
        _count = DatabaseClock.Tell(database.Dialect, Count);
    }

    /// <inheritdoc/>
    public async ValueTask<TimeSpan?> CountAsync(string subject, int most, CancellationToken cancellationToken)
    {
        if (_refused.TryGetValue(subject, out var refused))
        {
            var left = refused.Wait - _time.GetElapsedTime(refused.At);
            if (left > TimeSpan.Zero)
                return left;
            _refused.TryRemove(KeyValuePair.Create(subject, refused));
        }

        var asked = _time.GetTimestamp();
        var milliseconds = await _database.WriteAsync(
            WriteScope.Statement, session => session.ScalarAsync<long>(_count, new { Subject = subject, Most = most }), cancellationToken);
        if (milliseconds == 0)
            return null;

        var rest = TimeSpan.FromMilliseconds(milliseconds);
        if (_refused.Count >= MostRefused)
            _refused.Clear();
        _refused[subject] = (asked, rest);
        return rest;
    }
}
