using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using OssProxy.Core.Identity;
using OssProxy.Tests.Reconciliation;
using OssProxy.Tests.Records;

namespace OssProxy.Tests.Identity;

/// <summary>What of sessions, attempts, audit and counts is removed, and when, in every database.</summary>
public abstract class IdentityKeeperSpecs(TestDatabase bed) : IAsyncLifetime
{
    private readonly WarningLog _log = new();

    internal WarningLog Log => _log;

    public Task InitializeAsync() => bed.StartAsync();

    public async Task DisposeAsync() => await bed.DisposeAsync();

    [Fact]
    public async Task What_is_over_goes_at_start_and_every_ten_minutes_and_the_rest_stays()
    {
        await WriteAsync("old", new(7, 0, 1, 0), new(0, 0, 1), new(30, 0, 1, 0));
        await WriteAsync("new", new(6, 23, 0, 0), new(-2, 0, 0), new(29, 23, 0, 0));
        await bed.RunAsync("""
            INSERT INTO audit_event (at, actor, action, subject, address, detail)
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500) SELECT i, 'many', '', '', '', '' FROM n
            """);
        using var keeper = Keeper();

        await keeper.StartAsync(bed.Deadline);

        await Eventually.TrueAsync(async () => await NamesAsync() == "new new new", "in portions, until nothing is left");
        await WriteAsync("old", new(8, 0, 0, 0), new(1, 0, 0), new(31, 0, 0, 0));
        await Eventually.TrueAsync(() => Task.FromResult(bed.Clock.Armed == 1), "it rests");
        bed.Clock.Advance(IdentityKeeper.Pause);
        await Eventually.TrueAsync(async () => await NamesAsync() == "new new new", "at the next turn");
        await keeper.StopAsync(bed.Deadline).WaitAsync(TimeSpan.FromSeconds(5));
        _log.Warnings.Should().Be(0);
    }

    [Fact]
    public async Task A_turn_that_fails_is_told_and_the_next_one_comes()
    {
        await WriteAsync("old", new(8, 0, 0, 0), new(1, 0, 0), new(31, 0, 0, 0));
        await bed.RunAsync("ALTER TABLE session RENAME TO away");
        using var keeper = Keeper();
        await keeper.StartAsync(bed.Deadline);
        await Eventually.TrueAsync(() => Task.FromResult(bed.Clock.Armed == 1), "it rests");
        await bed.RunAsync("ALTER TABLE away RENAME TO session");

        _log.Warnings.Should().Be(1, "it is told");
        (await NamesAsync()).Should().Be("old", "what can be swept is");
        bed.Clock.Advance(IdentityKeeper.Pause);

        await Eventually.TrueAsync(async () => (await NamesAsync()).Length == 0, "all is gone");
        await keeper.StopAsync(bed.Deadline).WaitAsync(TimeSpan.FromSeconds(5));
        _log.Warnings.Should().Be(1);
    }

    internal IdentityKeeper Keeper()
    {
        var options = new AuthOptions { AuditRetention = TimeSpan.FromDays(30) };
        return new IdentityKeeper(bed.Database, Options.Create(options), bed.Clock, _log);
    }

    // A session and a count of attempts that ended and a deed, so long ago.
    private async Task WriteAsync(string name, TimeSpan session, TimeSpan attempt, TimeSpan deed)
    {
        var now = await bed.NowAsync();
        long Ago(TimeSpan age) => now - (long)age.TotalMilliseconds;
        await bed.RunAsync(
            "INSERT INTO session (token_hash, kind, subject, device, create_time, used_at, expires_at) VALUES (@Hash, 'user', 7, @Name, 0, 0, @At)",
            new { Hash = Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture), Name = name, At = Ago(session) });
        await bed.RunAsync(
            "INSERT INTO sign_in_attempt (name, address, failures, expires_at) VALUES (@Name, '', 1, @At)", new { Name = name, At = Ago(attempt) });
        await bed.RunAsync(
            "INSERT INTO audit_event (at, actor, action, subject, address, detail) VALUES (@At, @Name, '', '', '', '')", new { Name = name, At = Ago(deed) });
    }

    private async Task<string> NamesAsync() => await bed.TextAsync("""
        SELECT coalesce((SELECT min(device) || CASE WHEN count(*) > 1 THEN '+' ELSE '' END FROM session), '')
            || coalesce((SELECT ' ' || min(name) || CASE WHEN count(*) > 1 THEN '+' ELSE '' END FROM sign_in_attempt), '')
            || coalesce((SELECT ' ' || min(actor) || CASE WHEN count(*) > 1 THEN '+' ELSE '' END FROM audit_event), '')
        """) ?? "";

    internal sealed class WarningLog : ILogger<IdentityKeeper>
    {
        private int _warnings;

        public int Warnings => Volatile.Read(ref _warnings);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Warning)
                Interlocked.Increment(ref _warnings);
        }
    }
}

public sealed class SqliteIdentityKeeperSpecs() : IdentityKeeperSpecs(new SqliteTestDatabase());

[Collection(PostgresCollection.Name)]
public sealed class PostgresIdentityKeeperSpecs : IdentityKeeperSpecs
{
    private readonly PostgresTestDatabase _bed;

    public PostgresIdentityKeeperSpecs(PostgresServer server)
        : this(new PostgresTestDatabase(server))
    {
    }

    private PostgresIdentityKeeperSpecs(PostgresTestDatabase bed)
        : base(bed) => _bed = bed;

    [Fact]
    public async Task Counts_of_past_minutes_and_places_that_have_expired_go_too()
    {
        await _bed.RunAsync("""
            INSERT INTO rate_count SELECT name, floor(extract(epoch FROM clock_timestamp()) / 60)::bigint + minute, 1
            FROM (VALUES ('past', -1), ('future', 1)) AS one (name, minute)
            """);
        await _bed.RunAsync("""
            INSERT INTO upload_place SELECT gen_random_uuid(), name, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint + seconds * 1000
            FROM (VALUES ('expired', -1), ('taken', 50)) AS one (name, seconds)
            """);
        using var keeper = Keeper();

        await keeper.StartAsync(_bed.Deadline);

        await Eventually.TrueAsync(() => Task.FromResult(_bed.Clock.Armed == 1), "it has been through");
        (await _bed.TextAsync("SELECT string_agg(subject, ',') FROM rate_count")).Should().Be("future");
        (await _bed.TextAsync("SELECT string_agg(subject, ',') FROM upload_place")).Should().Be("taken");
        await keeper.StopAsync(_bed.Deadline);
    }

    [Fact]
    public async Task What_is_looked_for_by_time_is_found_by_an_index()
    {
        await _bed.RunAsync("INSERT INTO audit_event (at, actor, action, subject, address, detail) SELECT 9000000000000 + i, '', '', '', '', '' FROM generate_series(1, 5000) AS i");
        await _bed.RunAsync("ANALYZE audit_event");
        using var keeper = Keeper();
        var sweep = keeper.Sweeps.Single(one => one.Table == "audit_event");

        var plan = await _bed.Database.ReadAsync(
            session => session.QueryAsync<string>("EXPLAIN " + sweep.Sql, new { Age = 1L, Portion = 1000L }), _bed.Deadline);

        string.Join('\n', plan).Should().MatchRegex(@"Index Scan using audit_event_at[^\n]*\n\s*Index Cond: \(at < ");
    }

    [Fact]
    public async Task A_place_that_is_given_back_while_the_other_half_of_it_is_held_is_passed_over_whole_or_in_halves()
    {
        await _bed.RunAsync("""
            INSERT INTO upload_place SELECT '00000000-0000-0000-0000-000000000001'::uuid, name, 1 FROM (VALUES ('address'), ('caller')) AS one (name)
            """);
        await using var source = NpgsqlDataSource.Create(_bed.ConnectionString);
        await using var connection = await source.OpenConnectionAsync(_bed.Deadline);
        await using var transaction = await connection.BeginTransactionAsync(_bed.Deadline);
        await using var prolonging = new NpgsqlCommand("UPDATE upload_place SET expires_at = 9000000000000 WHERE subject = 'address'", connection, transaction);
        await prolonging.ExecuteNonQueryAsync(_bed.Deadline);
        using var keeper = Keeper();

        await keeper.StartAsync(_bed.Deadline);

        await Eventually.TrueAsync(() => Task.FromResult(_bed.Clock.Armed == 1), "it has been through and waited for nobody");
        await transaction.CommitAsync(_bed.Deadline);
        (await _bed.TextAsync("SELECT string_agg(subject, ',') FROM upload_place")).Should().Be("address", "what has just been prolonged stays");
        Log.Warnings.Should().Be(0);
        await keeper.StopAsync(_bed.Deadline);
    }

    [Fact]
    public async Task A_row_that_somebody_has_in_hand_is_passed_over_and_keeps_nobody_waiting()
    {
        await _bed.RunAsync("INSERT INTO rate_count SELECT 'subject ' || i, 1, 1 FROM generate_series(1, 2500) AS i");
        await using var source = NpgsqlDataSource.Create(_bed.ConnectionString);
        await using var connection = await source.OpenConnectionAsync(_bed.Deadline);
        await using var transaction = await connection.BeginTransactionAsync(_bed.Deadline);
        await using var counting = new NpgsqlCommand("UPDATE rate_count SET count = 2 WHERE subject = 'subject 7'", connection, transaction);
        await counting.ExecuteNonQueryAsync(_bed.Deadline);
        using var keeper = Keeper();

        await keeper.StartAsync(_bed.Deadline);

        await Eventually.TrueAsync(() => Task.FromResult(_bed.Clock.Armed == 1), "it has been through");
        (await _bed.TextAsync("SELECT string_agg(subject, ',') FROM rate_count")).Should().Be("subject 7");
        Log.Warnings.Should().Be(0);
        await keeper.StopAsync(_bed.Deadline);
    }
}
