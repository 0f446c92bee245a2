namespace OssProxy.Core.Records;

/// <summary>An object that is to go, and then the row of its image.</summary>
/// <param name="Attempts">How often it has been begun.</param>
/// <param name="Bucket">The bucket that it lies in; empty where that was not remembered, or stores have none.</param>
public sealed record ObjectDeletion(long ImageId, string Store, string Path, long Attempts, string Bucket);

/// <summary>A deletion that nobody tries any more.</summary>
/// <param name="Error">What failed last.</param>
public sealed record FailedDeletion(long ImageId, string Store, string Path, string? Error);

/// <summary>
/// The deletions that <c>ImageLibrary</c> queues, for the one worker that has the lease: taken when they are due, begun, and removed together
/// with the image's row once the object is gone. Every write carries the lease. An entry is remembered until it has ended well, whoever
/// dies meanwhile; from its beginning on nobody can take it back.
/// </summary>
public sealed class DeletionQueue
{
    /// <summary>What is kept of a failure, in characters.</summary>
    private const int MaxError = 500;

    private const string Due = """
        SELECT image_id AS ImageId, storage AS Store, path AS Path, attempts AS Attempts,
            (SELECT bucket FROM image WHERE image.id = image_id) AS Bucket
        FROM object_deletion
        WHERE state <> 'failed' AND due_at <= {now} AND {share}
        ORDER BY due_at, image_id LIMIT @Limit
        """;

    private const string Begin = $$"""
        UPDATE object_deletion SET state = 'running', attempts = attempts + 1, fence = @Fence
        WHERE image_id = @ImageId AND state <> 'failed' AND due_at <= {now} AND {{Leases.Held}}
        """;

    // The row of the image itself counts too: who has come back to life keeps his object. So does another image with the same key that can
    // still be restored; whichever is begun last takes the object.
    private const string Users = """
        SELECT count(*) FROM image WHERE storage = @Store AND path {bytes} = @Path AND (deleted_at IS NULL OR EXISTS (
            SELECT 1 FROM object_deletion WHERE image_id = image.id AND image_id <> @ImageId AND state = 'queued'))
        """;

    // Sent as one command, which PostgreSQL runs as one transaction without waiting for us in the middle: a process that is stopped here
    // holds no lock. The entry goes last: should the lease run out between the two, it is still there to be done again.
    private const string Finish = $$"""
        DELETE FROM image WHERE id = @ImageId AND deleted_at IS NOT NULL AND {{Leases.Held}}
            AND EXISTS (SELECT 1 FROM object_deletion WHERE image_id = @ImageId AND state = 'running' AND object_deletion.fence = @Fence);
        DELETE FROM object_deletion WHERE image_id = @ImageId AND state = 'running' AND fence = @Fence AND {{Leases.Held}}
        """;

    private const string Postpone = $$"""
        UPDATE object_deletion
        SET due_at = {now} + @Wait, last_error = @Error, state = CASE WHEN attempts >= @Most THEN 'failed' ELSE state END
        WHERE image_id = @ImageId AND state = 'running' AND fence = @Fence AND {{Leases.Held}}
        RETURNING CASE WHEN state = 'failed' THEN 1 ELSE 0 END
        """;

    private const string Failed = """
        SELECT image_id AS ImageId, storage AS Store, path AS Path, last_error AS Error FROM object_deletion
        WHERE state = 'failed' AND image_id > @After ORDER BY image_id LIMIT @Limit
        """;

    private const string CountFailed = "SELECT count(*) FROM object_deletion WHERE state = 'failed'";

    private const string Again = """
        UPDATE object_deletion SET state = 'running', attempts = 0, due_at = {now} WHERE image_id = @ImageId AND state = 'failed'
        """;

    private readonly RecordsDatabase _database;
    private readonly DatabaseClock _clock;
    private readonly string _due;
    private readonly string _begin;
    private readonly string _users;
    private readonly string _finish;
    private readonly string _postpone;
    private readonly string _again;

    public DeletionQueue(RecordsDatabase database, TimeProvider time)
    {
        _database = database;
        _clock = new DatabaseClock(database.Dialect, time);
        // An entry whose row is gone is anybody's.
        _due = _clock.Tell(Due.Replace(
            "{share}",
            WorkShare.Condition("NOT EXISTS (SELECT 1 FROM image WHERE image.id = image_id AND image.node <> @Node)"),
            StringComparison.Ordinal));
        _begin = _clock.Tell(Begin);
        _users = SqlWords.Of(database.Dialect).InBytes(Users);
        _finish = _clock.Tell(Finish);
        _postpone = _clock.Tell(Postpone);
        _again = _clock.Tell(Again);
    }

    /// <summary>What is due, longest first. Entries that were begun and not ended are among them.</summary>
    public async Task<IReadOnlyList<ObjectDeletion>> DueAsync(WorkShare share, int limit, CancellationToken cancellationToken)
    {
        var values = new { share.Shared, share.Local, share.Node, Limit = limit, _clock.Now };
        var rows = await _database.ReadAsync(session => session.QueryAsync<DueRow>(_due, values), cancellationToken);
        return [.. rows.Select(row => new ObjectDeletion(row.ImageId, row.Store, row.Path, row.Attempts, row.Bucket ?? ""))];
    }

    /// <summary>Begins a deletion; false when it has been taken back, or the lease is lost.</summary>
    public async Task<bool> BeginAsync(LeaseHold hold, ObjectDeletion deletion, CancellationToken cancellationToken) =>
        await WriteAsync(_begin, hold, deletion, cancellationToken) == 1;

    /// <summary>Whether somebody still needs the object of a deletion that has begun: it must stay, and only the row goes.</summary>
    public Task<bool> IsObjectNeededAsync(ObjectDeletion deletion, CancellationToken cancellationToken) =>
        _database.ReadAsync(
            async session => await session.ScalarAsync<long>(
                _users, new { deletion.ImageId, deletion.Store, deletion.Path }) > 0,
            cancellationToken);

    /// <summary>Removes the image's row and the entry; false when they are another's by now.</summary>
    public async Task<bool> FinishAsync(LeaseHold hold, ObjectDeletion deletion, CancellationToken cancellationToken) =>
        await WriteAsync(_finish, hold, deletion, cancellationToken) > 0;

    /// <summary>Remembers a failure; true when it was the last that is borne.</summary>
    /// <param name="mostAttempts">After so many it is given up.</param>
    public async Task<bool> PostponeAsync(
        LeaseHold hold, ObjectDeletion deletion, string error, TimeSpan wait, int mostAttempts, CancellationToken cancellationToken)
    {
        var values = new
        {
            deletion.ImageId,
            LeaseName = hold.Name,
            hold.Holder,
            hold.Fence,
            Error = StorableText.Of(error.Length > MaxError ? error[..MaxError] : error),
            Wait = (long)wait.TotalMilliseconds,
            Most = mostAttempts,
            _clock.Now,
        };
        return await _database.WriteAsync(WriteScope.Statement, session => session.ScalarAsync<long>(_postpone, values), cancellationToken) == 1;
    }

    /// <summary>How many have been given up.</summary>
    public Task<long> CountFailedAsync(CancellationToken cancellationToken) =>
        _database.ReadAsync(session => session.ScalarAsync<long>(CountFailed), cancellationToken);

    /// <summary>Those that have been given up, by their image, at most <paramref name="limit"/> above <paramref name="after"/>.</summary>
    public Task<IReadOnlyList<FailedDeletion>> FailedAsync(long after, int limit, CancellationToken cancellationToken) =>
        _database.ReadAsync(session => session.QueryAsync<FailedDeletion>(Failed, new { After = after, Limit = limit }), cancellationToken);

    /// <summary>Has one that was given up tried again, from the first attempt on; false when it is gone.</summary>
    public async Task<bool> TryAgainAsync(long imageId, CancellationToken cancellationToken) =>
        await _database.WriteAsync(
            WriteScope.Statement, session => session.ExecuteAsync(_again, new { ImageId = imageId, _clock.Now }), cancellationToken) == 1;

    private Task<int> WriteAsync(string sql, LeaseHold hold, ObjectDeletion deletion, CancellationToken cancellationToken)
    {
        return _database.WriteAsync(
            WriteScope.Statement,
            session => session.ExecuteAsync(
                sql, new { deletion.ImageId, LeaseName = hold.Name, hold.Holder, hold.Fence, _clock.Now }),
            cancellationToken);
    }

    // With setters: of an empty result SQLite cannot tell the type of what is no column.
    private sealed class DueRow
    {
        public long ImageId { get; init; }

        public string Store { get; init; } = "";

        public string Path { get; init; } = "";

        public long Attempts { get; init; }

        public string? Bucket { get; init; }
    }
}
