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
    private readonly (string Sql, TimeSpan Age)[] _sweeps;

    public IdentityKeeper(RecordsDatabase database, IOptions<AuthOptions> options, TimeProvider time, ILogger<IdentityKeeper> log)
    {
        _database = database;
        _time = time;
        _log = log;
        _clock = new DatabaseClock(database.Dialect, time);
        _sweeps =
        [
            (Of("session", "id", "expires_at < {now} - @Age"), SessionRetention),
            (Of("sign_in_attempt", "name, address", "expires_at < {now} - @Age"), TimeSpan.Zero),
            (Of("audit_event", "id", "at < {now} - @Age"), options.Value.AuditRetention),
        ];
        if (database.Dialect == SqlDialect.Postgres)
        {
            _sweeps =
            [
                .. _sweeps,
                (Of("rate_count", "subject", "minute < ({now} - @Age) / 60000"), TimeSpan.Zero),
                (Of("upload_place", "id", "expires_at < {now} - @Age"), TimeSpan.Zero),
            ];
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await TrySweepAsync(stoppingToken);
                await Task.Delay(Pause, _time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // A host that fails to start cancels, too, and would take the exception for a fault.
        }
    }

    private async Task TrySweepAsync(CancellationToken stoppingToken)
    {
        try
        {
            await SweepAsync(stoppingToken);
        }
        catch (RecordsException failure)
        {
            LogPostponed(failure, Pause);
        }
    }

    // What is chosen is locked, so that nobody prolongs it before it goes; what somebody is prolonging is not chosen.
    private string Of(string table, string key, string isOver)
    {
        var skipping = _database.Dialect == SqlDialect.Postgres ? " FOR UPDATE SKIP LOCKED" : "";
        return _clock.Tell($"DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} WHERE {isOver} LIMIT @Portion{skipping})");
    }

    private async Task SweepAsync(CancellationToken stoppingToken)
    {
        foreach (var (sql, age) in _sweeps)
        {
            int gone;
            do
            {
                var values = new { Age = (long)age.TotalMilliseconds, Portion = (long)Portion, _clock.Now };
                gone = await _database.WriteAsync(WriteScope.Statement, session => session.ExecuteAsync(sql, values), stoppingToken);
            }
            while (gone >= Portion);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What is over could not be removed from the tables of identity; next try in {Pause}")]
    private partial void LogPostponed(Exception failure, TimeSpan pause);
}
