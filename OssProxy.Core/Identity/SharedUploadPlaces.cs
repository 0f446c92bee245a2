using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OssProxy.Core.Records;

namespace OssProxy.Core.Identity;

/// <summary>
/// The places of uploads in all processes that share a PostgreSQL: a row for each place, taken and given back in one round trip each. A
/// place lasts <see cref="Duration"/> by the database's clock and is prolonged, all of a process in one statement, at a third of that; so those
/// of a killed process come free by themselves. A database that is away for longer than two thirds of it, or crashes and loses the rows, lets
/// others into places whose uploads are still open.
/// </summary>
internal sealed partial class SharedUploadPlaces : BackgroundService, IUploadPlaces
{
    /// <summary>How long a place lasts without being prolonged.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromSeconds(60);

    // Sent together, the two are one transaction and one round trip. The second sees what was committed before it began, which is after the
    // locks were had; a single statement would see what was there before it waited. A refused one writes nothing.
    private const string Enter = """
        SELECT pg_advisory_xact_lock(key) FROM unnest(@Locks) AS key;
        INSERT INTO upload_place (id, subject, expires_at)
        SELECT @Id, wanted.subject, {now} + @Duration FROM unnest(@Subjects, @Mosts) AS wanted (subject, most)
        WHERE NOT EXISTS (
            SELECT 1 FROM unnest(@Subjects, @Mosts) AS one (subject, most)
            WHERE one.most <= (SELECT count(*) FROM upload_place place WHERE place.subject = one.subject AND place.expires_at > {now}))
        """;

    private const string Leave = "DELETE FROM upload_place WHERE id = @Id";

    // No row is made anew: it could be that of an upload which has ended a moment ago. One that is being given back is passed over, not waited
    // for: a place can be two rows, and whoever gives them back may want the one that is held here.
    private const string Prolong = """
        UPDATE upload_place SET expires_at = {now} + @Duration
        WHERE (id, subject) IN (SELECT id, subject FROM upload_place WHERE id = ANY (@Ids) FOR UPDATE SKIP LOCKED)
        """;

    // An upload that is stored is answered soon, whatever the database is doing.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly RecordsDatabase _database;
    private readonly TimeProvider _time;
    private readonly ILogger<SharedUploadPlaces> _log;
    private readonly string _enter;
    private readonly string _prolong;
    private readonly ConcurrentDictionary<Guid, byte> _held = new();

    public SharedUploadPlaces(RecordsDatabase database, TimeProvider time, ILogger<SharedUploadPlaces> log)
    {
        _database = database;
        _time = time;
        _log = log;
        (_enter, _prolong) = (DatabaseClock.Tell(database.Dialect, Enter), DatabaseClock.Tell(database.Dialect, Prolong));
    }

    private static long Milliseconds => (long)Duration.TotalMilliseconds;

    /// <inheritdoc/>
    public async ValueTask<IAsyncDisposable?> TryEnterAsync(IReadOnlyList<UploadShare> shares, CancellationToken cancellationToken)
    {
        var values = new
        {
            // Always in this order, so that no two wait for each other.
            Locks = shares.Select(share => Lock(share.Subject)).Order().ToArray(),
            Id = Guid.NewGuid(),
            Subjects = shares.Select(share => share.Subject).ToArray(),
            Mosts = shares.Select(share => share.Most).ToArray(),
            Duration = Milliseconds,
        };
        if (await _database.WriteAsync(WriteScope.Statement, session => session.ExecuteAsync(_enter, values), cancellationToken) <= 0)
            return null;

        _held.TryAdd(values.Id, 0);
        return new Place(this, values.Id);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Duration / 3, _time, stoppingToken);
                await ProlongAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // A host that fails to start cancels, too, and would take the exception for a fault.
        }
    }

    private async Task ProlongAsync(CancellationToken stoppingToken)
    {
        var ids = _held.Keys.ToArray();
        if (ids.Length == 0)
            return;

        try
        {
            var values = new { Ids = ids, Duration = Milliseconds };
            await _database.WriteAsync(WriteScope.Statement, session => session.ExecuteAsync(_prolong, values), stoppingToken);
        }
        catch (RecordsException failure)
        {
            LogNotProlonged(failure, ids.Length);
        }
    }

    // The client is to find its place free when it has read the answer; where that takes long, it is given back behind the answer.
    private async ValueTask LeaveInTimeAsync(Guid id)
    {
        try
        {
            await LeaveAsync(id).WaitAsync(Patience, _time);
        }
        catch (TimeoutException)
        {
            LogLate(Patience);
        }
    }

    private async Task LeaveAsync(Guid id)
    {
        if (!_held.TryRemove(id, out _))
            return;

        try
        {
            await _database.WriteAsync(
                WriteScope.Statement, session => session.ExecuteAsync(Leave, new { Id = id }), CancellationToken.None);
        }
        catch (RecordsException failure)
        {
            LogNotLeft(failure, Duration);
        }
    }

    private static long Lock(string subject) => BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(subject)));

    private sealed class Place(SharedUploadPlaces places, Guid id) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => places.LeaveInTimeAsync(id);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The places of {Count} open uploads could not be prolonged; trying again")]
    private partial void LogNotProlonged(Exception failure, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Giving back the place of an upload takes longer than {Patience}; its answer does not wait")]
    private partial void LogLate(TimeSpan patience);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The place of an upload that has ended could not be given back; it comes free by itself after {Duration}")]
    private partial void LogNotLeft(Exception failure, TimeSpan duration);
}
