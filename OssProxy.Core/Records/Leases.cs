namespace OssProxy.Core.Records;

/// <summary>A lease as one holder has it: every write that it entitles to carries all three.</summary>
/// <param name="Fence">Grows by one with every new holder and is never given again; at least 1.</param>
public sealed record LeaseHold(string Name, string Holder, long Fence);

/// <summary>
/// Work that exactly one process does is tied to a row here: whoever has it may work until it expires, by the clock of the database
/// (<see cref="DatabaseClock"/>). A holder that was paused finds another fence in the row, and its writes meet nothing
/// (<see cref="Held"/>). One statement each.
/// </summary>
public sealed class Leases
{
    /// <summary>The condition that a write of a holder carries, over the values of <see cref="LeaseHold"/> as <c>@LeaseName</c>,
    /// <c>@Holder</c> and <c>@Fence</c>.</summary>
    internal const string Held = """
        EXISTS (SELECT 1 FROM lease
            WHERE lease.name = @LeaseName AND lease.holder = @Holder AND lease.fence = @Fence AND lease.expires_at > {now})
        """;

    // A released row stays, with the fence that it has reached.
    private const string Acquire = """
        INSERT INTO lease (name, holder, fence, expires_at) VALUES (@Name, @Holder, 1, {now} + @Duration)
        ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, fence = lease.fence + 1, expires_at = {now} + @Duration
        WHERE lease.expires_at <= {now}
        RETURNING fence
        """;

    private const string Renew = """
        UPDATE lease SET expires_at = {now} + @Duration
        WHERE name = @Name AND holder = @Holder AND fence = @Fence AND expires_at > {now}
        """;

    private const string Release = "UPDATE lease SET expires_at = 0 WHERE name = @Name AND holder = @Holder AND fence = @Fence";

    private readonly RecordsDatabase _database;
    private readonly DatabaseClock _clock;
    private readonly string _acquire;
    private readonly string _renew;

    /// <param name="duration">How long a lease lasts without renewal.</param>
    public Leases(RecordsDatabase database, TimeSpan duration, TimeProvider time)
    {
        _database = database;
        Duration = duration;
        _clock = new DatabaseClock(database.Dialect, time);
        _acquire = _clock.Tell(Acquire);
        _renew = _clock.Tell(Renew);
    }

    /// <summary>How long a lease lasts without renewal.</summary>
    public TimeSpan Duration { get; }

    /// <summary>Takes a lease that is free or has expired; null when somebody has it, the asker included.</summary>
    /// <param name="holder">Who asks: another text for every process.</param>
    /// <exception cref="RecordsException">The database cannot be reached or written. The lease may have been taken all the same.</exception>
    public async Task<LeaseHold?> TryAcquireAsync(string name, string holder, CancellationToken cancellationToken)
    {
        var fence = await _database.WriteAsync(
            WriteScope.Statement,
            session => session.ScalarAsync<long>(_acquire, new { Name = name, Holder = holder, Duration = Milliseconds, _clock.Now }),
            cancellationToken);
        return fence > 0 ? new LeaseHold(name, holder, fence) : null;
    }

    /// <summary>Makes a lease last for another <see cref="Duration"/> from now; false when it has expired or is another's.</summary>
    /// <exception cref="RecordsException">The database cannot be reached or written.</exception>
    public async Task<bool> RenewAsync(LeaseHold hold, CancellationToken cancellationToken) =>
        await _database.WriteAsync(
            WriteScope.Statement,
            session => session.ExecuteAsync(_renew, new { hold.Name, hold.Holder, hold.Fence, Duration = Milliseconds, _clock.Now }),
            cancellationToken) == 1;

    /// <summary>Lets the next one have it at once. Does nothing to a lease that is another's by now.</summary>
    /// <exception cref="RecordsException">The database cannot be reached or written.</exception>
    public Task ReleaseAsync(LeaseHold hold, CancellationToken cancellationToken) =>
        _database.WriteAsync(WriteScope.Statement, session => session.ExecuteAsync(Release, hold), cancellationToken);

    private long Milliseconds => (long)Duration.TotalMilliseconds;
}
