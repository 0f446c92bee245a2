using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OssProxy.Core.Records;

namespace OssProxy.Core.Identity;

/// <summary>
/// Removes what this room has written and nobody asks for any more: at start and every <see cref="Pause"/>, a portion at a time, so that no
/// upload waits for a long delete. Nothing depends on it but the size of the tables. Several nodes may do it at once: in PostgreSQL each
/// passes over the rows that another has in hand.
/// </summary>
internal sealed partial class IdentityKeeper : BackgroundService
{
    /// <summary>How long it rests.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMinutes(10);

    /// <summary>Most rows that go in one statement.</summary>
    internal const int Portion = 1000;

    // For as long a client is told that its session was good once; after that it is one that never was.
    private static readonly TimeSpan SessionRetention = TimeSpan.FromDays(7);

    private readonly RecordsDatabase _database;
    private readonly DatabaseClock _clock;
    private readonly TimeProvider _time;
    private readonly ILogger<IdentityKeeper> _log;

    public IdentityKeeper(RecordsDatabase database, IOptions<AuthOptions> options, TimeProvider time, ILogger<IdentityKeeper> log)
    {
        _database = database;
        _time = time;
        _log = log;
        _clock = new DatabaseClock(database.Dialect, time);
        Sweeps =
        [
            Of("session", "id", "expires_at", SessionRetention),
            Of("sign_in_attempt", "name, address", "expires_at", TimeSpan.Zero),
            Of("audit_event", "id", "at", options.Value.AuditRetention),
        ];
        if (database.Dialect == SqlDialect.Postgres)
        {
            Sweeps =
            [
                .. Sweeps,
                Of("rate_count", "subject", "minute", TimeSpan.Zero, "({now} - @Age) / 60000"),
                Of("upload_place", "id, subject", "expires_at", TimeSpan.Zero),
            ];
        }
    }

    /// <summary>What is swept in a turn: how, and how old it has to be.</summary>
    internal IReadOnlyList<(string Table, string Sql, TimeSpan Age)> Sweeps { get; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                foreach (var (table, sql, age) in Sweeps)
                    await TrySweepAsync(table, sql, age, stoppingToken);
                await Task.Delay(Pause, _time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // A host that fails to start cancels, too, and would take the exception for a fault.
        }
    }

    // Each for itself: a table that cannot be swept keeps no other from being so.
    private async Task TrySweepAsync(string table, string sql, TimeSpan age, CancellationToken stoppingToken)
    {
        try
        {
            await SweepAsync(sql, age, stoppingToken);
        }
        catch (RecordsException failure)
        {
            LogPostponed(failure, table, Pause);
        }
    }

    // What is chosen is locked, so that nobody prolongs it before it goes; what somebody is prolonging is not chosen. The time is a query of
    // its own: PostgreSQL compares an index with what it has to work out once, not with a clock that it has to look at for every row.
    private (string Table, string Sql, TimeSpan Age) Of(string table, string key, string time, TimeSpan age, string until = "{now} - @Age")
    {
        var skipping = _database.Dialect == SqlDialect.Postgres ? " FOR UPDATE SKIP LOCKED" : "";
        var sql = _clock.Tell($"""
            DELETE FROM {table} WHERE ({key}) IN (
                SELECT {key} FROM {table} WHERE {time} < (SELECT {until}) ORDER BY {time} LIMIT @Portion{skipping})
            """);
        return (table, sql, age);
    }

    private async Task SweepAsync(string sql, TimeSpan age, CancellationToken stoppingToken)
    {
        int gone;
        do
        {
            var values = new { Age = (long)age.TotalMilliseconds, Portion = (long)Portion, _clock.Now };
            gone = await _database.WriteAsync(WriteScope.Statement, session => session.ExecuteAsync(sql, values), stoppingToken);
        }
        while (gone >= Portion);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What is over could not be removed from {Table}; next try in {Pause}")]
    private partial void LogPostponed(Exception failure, string table, TimeSpan pause);
}
