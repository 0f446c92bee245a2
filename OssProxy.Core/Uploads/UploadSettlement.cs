using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Uploads;

/// <summary>
/// Brings record and object back into agreement after an upload that could not be undone on the spot, and at start after a process that was
/// killed: deletes the object, then releases the row. The row is the only memory, so a full queue or another crash loses nothing; what is
/// left is found at the next start. Deletes only under rows that are still pending, which is why an upload whose commit was answered too
/// late stays whole.
/// </summary>
public sealed partial class UploadSettlement(
    IUploadRecords records, ObjectStores stores, TimeSpan recheckDelay, TimeProvider time, ILogger<UploadSettlement> log)
    : BackgroundService
{
    private const int QueueLimit = 10_000;
    private const int PageSize = 500;
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan OneAttempt = TimeSpan.FromSeconds(30);

    private readonly Channel<Unsettled> _incoming = Channel.CreateBounded<Unsettled>(
        new BoundedChannelOptions(QueueLimit) { SingleReader = true });

    private readonly PriorityQueue<Unsettled, DateTimeOffset> _due = new();

    /// <summary>Takes over an upload. Never waits and never fails: what finds no room is found again at the next start.</summary>
    internal void Take(PendingUpload upload, Remains left)
    {
        // A commit in doubt is left alone until it must have ended either way; only then does the row tell the truth.
        var due = time.GetUtcNow() + (left == Remains.RowDecides ? recheckDelay : TimeSpan.Zero);
        if (!_incoming.Writer.TryWrite(new Unsettled(upload, due, Twice: left == Remains.Unknown)))
            LogQueueFull(upload.Id);
    }

    /// <summary>Collects what this node left behind, before the first upload of this process can make a row of its own.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        long after = 0;
        IReadOnlyList<PendingUpload> page;
        while ((page = await records.PendingAsync(after, PageSize, cancellationToken)).Count > 0)
        {
            foreach (var upload in page)
                Enqueue(new Unsettled(upload, time.GetUtcNow(), Twice: false));
            after = page[^1].Id;
        }

        if (_due.Count > 0)
            LogLeftBehind(_due.Count);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await WaitAsync(stoppingToken))
        {
            while (_incoming.Reader.TryRead(out var taken))
                Enqueue(taken);

            if (_due.TryPeek(out var next, out var when) && when <= time.GetUtcNow())
            {
                _due.Dequeue();
                await SettleAsync(next, stoppingToken);
            }
        }
    }

    // Until something arrives or the next one is due. The timer wakes a read that nobody else waits for.
    private async Task<bool> WaitAsync(CancellationToken stoppingToken)
    {
        TimeSpan? delay = _due.TryPeek(out _, out var when) ? when - time.GetUtcNow() : null;
        if (delay <= TimeSpan.Zero)
            return !stoppingToken.IsCancellationRequested;

        using var timer = new CancellationTokenSource(delay ?? Timeout.InfiniteTimeSpan, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, stoppingToken);
        try
        {
            return await _incoming.Reader.WaitToReadAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            return !stoppingToken.IsCancellationRequested;
        }
    }

    private async Task SettleAsync(Unsettled item, CancellationToken stoppingToken)
    {
        using var attempt = new CancellationTokenSource(OneAttempt, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(attempt.Token, stoppingToken);
        try
        {
            if (await IsPendingAsync(item.Upload, either.Token))
                await RemoveAsync(item, either.Token);
        }
        catch (Exception failure) when (failure is StoreException or RecordsException or OperationCanceledException)
        {
            if (stoppingToken.IsCancellationRequested)
                return;
            var wait = TimeSpan.FromTicks(Math.Min(FirstRetry.Ticks << Math.Min(item.Failures, 12), LongestRetry.Ticks));
            Enqueue(item with { Failures = item.Failures + 1, Due = time.GetUtcNow() + wait });
            LogPostponed(failure, item.Upload.Key.Value, wait);
        }
    }

    private async Task RemoveAsync(Unsettled item, CancellationToken cancellationToken)
    {
        if (stores.Find(item.Upload.Store) is not { } store)
        {
            LogNoSuchStore(item.Upload.Id, item.Upload.Store);
            return;
        }

        await store.Store.DeleteAsync(item.Upload.Key, cancellationToken);
        if (item.Twice)
        {
            Enqueue(new Unsettled(item.Upload, time.GetUtcNow() + recheckDelay, Twice: false));
            return;
        }

        await records.ReleaseAsync(item.Upload.Id, cancellationToken);
        LogSettled(item.Upload.Key.Value);
    }

    private async Task<bool> IsPendingAsync(PendingUpload upload, CancellationToken cancellationToken)
    {
        var found = await records.PendingAsync(upload.Id - 1, 1, cancellationToken);
        return found.Count == 1 && found[0].Id == upload.Id;
    }

    private void Enqueue(Unsettled item) => _due.Enqueue(item, item.Due);

    // Twice: the object may still appear after it was deleted, so its key is deleted again before the row goes.
    private sealed record Unsettled(PendingUpload Upload, DateTimeOffset Due, bool Twice, int Failures = 0);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} uploads were left behind by an earlier process; settling them")]
    private partial void LogLeftBehind(int count);

    [LoggerMessage(Level = LogLevel.Information, Message = "Settled {Key}: no object, no row")]
    private partial void LogSettled(string key);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Key} cannot be settled yet, next try in {Wait}")]
    private partial void LogPostponed(Exception failure, string key, TimeSpan wait);

    [LoggerMessage(Level = LogLevel.Error, Message = "The settlement queue is full; row {Id} waits for the next start")]
    private partial void LogQueueFull(long id);

    [LoggerMessage(Level = LogLevel.Error, Message = "Row {Id} names the store {Store}, which this configuration does not have")]
    private partial void LogNoSuchStore(long id, string store);
}
