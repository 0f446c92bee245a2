using System.Globalization;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Records;

/// <summary>A claim whose node should have ended it long ago.</summary>
/// <param name="Key">Null when the row was damaged and names none.</param>
/// <param name="Bucket">The bucket that it was for; empty where that was not remembered, or stores have none.</param>
public sealed record StaleClaim(long Id, string Store, ObjectKey? Key, string Node, string Bucket);

/// <summary>
/// Pending rows of whatever node, for the one that has the lease: each can be released, made stored, or condemned. Every write carries the
/// lease and touches only a row that is still pending, so that an upload which ends after all has either ended before or finds its claim
/// lost.
/// </summary>
public sealed class StaleClaims
{
    // The plus keeps SQLite from walking through all rows by their ids instead of the few that are pending.
    private const string Older = """
        SELECT id AS Id, storage AS Store, path AS Path, node AS Node, bucket AS Bucket FROM image
        WHERE state = 'pending' AND +id > @After AND {claimed} <= {now} - @Age AND {share}
        ORDER BY id LIMIT @Limit
        """;

    private const string Users = "SELECT count(*) FROM image WHERE storage = @Store AND path {bytes} = @Path AND id <> @Id AND deleted_at IS NULL";

    private const string Release = $"DELETE FROM image WHERE id = @Id AND state = 'pending' AND {Leases.Held}";

    private const string Finish = $$"""
        UPDATE image SET state = 'stored', image_class_id = 0, size = @Length, crc64 = @Crc64, update_time = {now}
        WHERE id = @Id AND state = 'pending' AND {{Leases.Held}}
        """;

    // One command, as in DeletionQueue. The row first: from then on the upload cannot finish, and only then may its object go. An entry that
    // runs already cannot be taken back by a console.
    private const string Condemn = $$"""
        UPDATE image SET state = 'stored', deleted_at = {now}, update_time = {now}
        WHERE id = @Id AND state = 'pending' AND {{Leases.Held}};
        INSERT INTO object_deletion (image_id, storage, path, due_at, state, fence, last_error, create_time)
        SELECT id, storage, path, {now}, 'running', @Fence, 'its upload never ended', {now} FROM image
        WHERE id = @Id AND state = 'stored' AND deleted_at IS NOT NULL
        ON CONFLICT (image_id) DO NOTHING
        """;

    private readonly RecordsDatabase _database;
    private readonly DatabaseClock _clock;
    private readonly string _older;
    private readonly string _users;
    private readonly string _release;
    private readonly string _finish;
    private readonly string _condemn;

    public StaleClaims(RecordsDatabase database, TimeProvider time)
    {
        _database = database;
        _clock = new DatabaseClock(database.Dialect, time);
        // Rows from before the column have none.
        var claimed = database.Dialect == SqlDialect.Postgres ? "coalesce(claimed_at, create_time)" : "create_time";
        _older = _clock.Tell(Older
            .Replace("{claimed}", claimed, StringComparison.Ordinal)
            .Replace("{share}", WorkShare.Condition("node = @Node"), StringComparison.Ordinal));
        _users = SqlWords.Of(database.Dialect).InBytes(Users);
        _release = _clock.Tell(Release);
        _finish = _clock.Tell(Finish);
        _condemn = _clock.Tell(Condemn);
    }

    /// <summary>Claims made longer ago than <paramref name="age"/>, by id, at most <paramref name="limit"/> above
    /// <paramref name="after"/>.</summary>
    public async Task<IReadOnlyList<StaleClaim>> OlderAsync(
        WorkShare share, TimeSpan age, long after, int limit, CancellationToken cancellationToken)
    {
        var values = new
        {
            share.Shared,
            share.Local,
            share.Node,
            Age = (long)age.TotalMilliseconds,
            After = after,
            Limit = limit,
            _clock.Now,
        };
        var rows = await _database.ReadAsync(session => session.QueryAsync<ClaimRow>(_older, values), cancellationToken);
        return [.. rows.Select(row => new StaleClaim(row.Id, row.Store, ObjectKey.TryParse(row.Path, out var key) ? key : null, row.Node, row.Bucket))];
    }

    /// <summary>Whether the object under the claim's key is another row's.</summary>
    public Task<bool> IsKeyOfAnotherAsync(StaleClaim claim, CancellationToken cancellationToken) =>
        _database.ReadAsync(
            async session => await session.ScalarAsync<long>(_users, new { claim.Id, claim.Store, Path = claim.Key?.Value ?? "" }) > 0,
            cancellationToken);

    /// <summary>Removes the row; false when it is no longer pending or the lease is lost.</summary>
    public async Task<bool> ReleaseAsync(LeaseHold hold, StaleClaim claim, CancellationToken cancellationToken) =>
        await WriteAsync(_release, new { claim.Id, LeaseName = hold.Name, hold.Holder, hold.Fence, _clock.Now }, cancellationToken) == 1;

    /// <summary>Makes the row stored, in no class; false as above.</summary>
    public async Task<bool> FinishAsync(LeaseHold hold, StaleClaim claim, StoredObject found, CancellationToken cancellationToken)
    {
        var values = new
        {
            claim.Id,
            found.Length,
            Crc64 = found.Crc64?.ToString(CultureInfo.InvariantCulture),
            LeaseName = hold.Name,
            hold.Holder,
            hold.Fence,
            _clock.Now,
        };
        return await WriteAsync(_finish, values, cancellationToken) == 1;
    }

    /// <summary>Marks the row deleted and queues the deletion of its object; false as above.</summary>
    public async Task<bool> CondemnAsync(LeaseHold hold, StaleClaim claim, CancellationToken cancellationToken) =>
        await WriteAsync(_condemn, new { claim.Id, LeaseName = hold.Name, hold.Holder, hold.Fence, _clock.Now }, cancellationToken) > 0;

    private Task<int> WriteAsync(string sql, object values, CancellationToken cancellationToken) =>
        _database.WriteAsync(WriteScope.Statement, session => session.ExecuteAsync(sql, values), cancellationToken);

    private sealed record ClaimRow(long Id, string Store, string Path, string Node, string Bucket);
}
