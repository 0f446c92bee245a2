using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Uploads;

/// <summary>
/// Brings record and object back into agreement after an upload that could not be undone on the spot, and at start after a process that was
/// killed: aborts what was sent in parts, deletes the object, then releases the row. The row is the only memory, so a full queue or another crash loses nothing; what is
/// left is found at the next start. Deletes only under rows that are still pending, which is why an upload whose commit was answered too
/// late stays whole. Four at a time, each for at most 30 seconds, so that a store which hangs on some does not keep the others waiting.
/// </summary>
public sealed partial class UploadSettlement(
    IUploadRecords records, ObjectStores stores, TimeSpan recheckDelay, TimeProvider time, ILogger<UploadSettlement> log)
    : BackgroundService
{
    /// <summary>The most uploads that are remembered at a time; some 2 MB.</summary>
    internal const int QueueLimit = 10_000;

    private const int Workers = 4;
    private const int PageSize = 500;
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan OneAttempt = TimeSpan.FromSeconds(30);

    private readonly Channel<Unsettled> _incoming = Channel.CreateBounded<Unsettled>(
        new BoundedChannelOptions(QueueLimit) { SingleReader = true });

    // Touched by the start and by the one who asks DueAsync for the next, never by two at once.
    private readonly PriorityQueue<Unsettled, DateTimeOffset> _due = new();
    private int _notAbandonedNoted;

    /// <summary>Takes over an upload. Never waits and never fails: what finds no room is found again at the next start.</summary>
    internal void Take(long id, string store, ObjectKey key, Remains left)
    {
        // A commit in doubt is left alone until it must have ended either way; only then does the row tell the truth.
        var due = time.GetUtcNow() + (left == Remains.RowDecides ? recheckDelay : TimeSpan.Zero);
        var stage = left switch
        {
            Remains.Unknown or Remains.Parts => Stage.Unanswered,
            Remains.Orphan => Stage.OnceMore,
            _ => Stage.Last,
        };
        Hand(new Unsettled(id, store, key, due, stage) { PartsAlone = left == Remains.Parts });
    }

    /// <summary>Collects what this node left behind, before the first upload of this process can make a row of its own.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        long after = 0;
        IReadOnlyList<PendingUpload> page;
        while (_due.Count < QueueLimit && (page = await records.PendingAsync(after, PageSize, cancellationToken)).Count > 0)
        {
            foreach (var upload in page)
            {
                // A key of ours is nobody else's, so its row may go before its object does for certain. One that a client has chosen
                // may come again at once: its row holds it until then.
                if (upload.Key is { } key)
                    Keep(new Unsettled(upload.Id, upload.Store, key, time.GetUtcNow(), upload.IsGranted ? Stage.Unanswered : Stage.LeftBehind));
                else
                    LogDamaged(upload.Id);
            }

            after = page[^1].Id;
        }

        if (_due.Count > 0)
            LogLeftBehind(_due.Count);
        await base.StartAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Parallel.ForEachAsync(
            DueAsync(stoppingToken),
            // Not ended by the token: a stop ends the sequence, and each attempt under way by itself.
            new ParallelOptions { MaxDegreeOfParallelism = Workers },
            async (item, _) => await SettleAsync(item, stoppingToken));

    // Everything there is to settle, each at its time, until the stop.
    private async IAsyncEnumerable<Unsettled> DueAsync([EnumeratorCancellation] CancellationToken stoppingToken)
    {
        while (await WaitAsync(stoppingToken))
        {
            while (_incoming.Reader.TryRead(out var taken))
                Keep(taken);

            if (_due.TryPeek(out var next, out var when) && when <= time.GetUtcNow())
            {
                _due.Dequeue();
                yield return next;
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
            if (item.Stage == Stage.OnceMore || await IsPendingAsync(item.Id, either.Token))
                await RemoveAsync(item, either.Token);
        }
        catch (Exception failure)
        {
            if (stoppingToken.IsCancellationRequested)
                return;
            var wait = TimeSpan.FromTicks(Math.Min(FirstRetry.Ticks << Math.Min(item.Failures, 12), LongestRetry.Ticks));
            // One upload that nobody foresaw must not end the server, nor the settling of all others.
            if (failure is StoreException or RecordsException or OperationCanceledException)
                LogPostponed(failure, item.Key.Value, wait);
            else
                LogUnforeseen(failure, item.Key.Value, wait);
            Hand(item with { Failures = item.Failures + 1, Due = time.GetUtcNow() + wait });
        }
    }

    private async Task RemoveAsync(Unsettled item, CancellationToken cancellationToken)
    {
        if (stores.Find(item.Store) is not { } store)
        {
            LogNoSuchStore(item.Id, item.Store);
            return;
        }

        // Parts first: what they could still be joined to is deleted afterwards.
        await AbandonPartsAsync(store, item.Key, cancellationToken);
        if (!item.PartsAlone)
            await store.Store.DeleteAsync(item.Key, cancellationToken);
        if (item.Stage is Stage.LeftBehind or Stage.Last)
        {
            await records.ReleaseAsync(item.Id, cancellationToken);
            LogSettled(item.Key.Value);
        }

        if (item.Stage is Stage.LeftBehind or Stage.Unanswered)
        {
            var next = item.Stage == Stage.LeftBehind ? Stage.OnceMore : Stage.Last;
            Hand(item with { Stage = next, Failures = 0, Due = time.GetUtcNow() + recheckDelay });
        }
    }

    private async Task AbandonPartsAsync(NamedStore store, ObjectKey key, CancellationToken cancellationToken)
    {
        try
        {
            await (store.Parts?.AbandonAsync(key, cancellationToken) ?? Task.CompletedTask);
        }
        catch (StoreException failure) when (failure.Error is StoreError.StoreAccessDenied or StoreError.StoreMisconfigured)
        {
            // A key that may put and delete need not be one that may list parts, and not every endpoint that speaks like OSS can list them.
            // The agreement of row and object must not depend on it. What was refused once is refused for every key.
            if (Interlocked.Exchange(ref _notAbandonedNoted, 1) == 0)
                LogMayNotAbandon(failure, key.Value);
            else
                LogNotAbandonedEither(key.Value);
        }
    }

    private async Task<bool> IsPendingAsync(long id, CancellationToken cancellationToken)
    {
        var found = await records.PendingAsync(id - 1, 1, cancellationToken);
        return found.Count == 1 && found[0].Id == id;
    }

    private void Hand(Unsettled item)
    {
        if (!_incoming.Writer.TryWrite(item))
            LogQueueFull(item.Id);
    }

    private void Keep(Unsettled item)
    {
        if (_due.Count < QueueLimit)
            _due.Enqueue(item, item.Due);
        else
            LogQueueFull(item.Id);
    }

    private sealed record Unsettled(long Id, string Store, ObjectKey Key, DateTimeOffset Due, Stage Stage, int Failures = 0)
    {
        /// <summary>Whether an object under the key is not ours, so that only parts are to go.</summary>
        public bool PartsAlone { get; init; }
    }

    private enum Stage
    {
        /// <summary>The store gave no answer and may still be at work: the key is deleted now and again later, and only then the row
        /// goes.</summary>
        Unanswered,

        /// <summary>A killed process left it: object and row go at once. The store may have had all of it when the process died, so the
        /// key, which nobody else is ever given, is deleted once more later.</summary>
        LeftBehind,

        /// <summary>The object is deleted and the row goes.</summary>
        Last,

        /// <summary>The row has gone; the key is deleted to be sure.</summary>
        OnceMore,
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} uploads were left behind by an earlier process; settling them")]
    private partial void LogLeftBehind(int count);

    [LoggerMessage(Level = LogLevel.Information, Message = "Settled {Key}: no object, no row")]
    private partial void LogSettled(string key);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Key} cannot be settled yet, next try in {Wait}")]
    private partial void LogPostponed(Exception failure, string key, TimeSpan wait);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Key} cannot be settled for a reason that nobody foresaw, next try in {Wait}")]
    private partial void LogUnforeseen(Exception failure, string key, TimeSpan wait);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Parts of {Key} may be left, and of other keys, which are told at Debug: the store does not let us look for unfinished uploads. Grant ListMultipartUploads and AbortMultipartUpload, or let a lifecycle rule remove them")]
    private partial void LogMayNotAbandon(Exception failure, string key);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Parts of {Key} may be left")]
    private partial void LogNotAbandonedEither(string key);

    [LoggerMessage(Level = LogLevel.Error, Message = "The path of the pending row {Id} is no key: nothing can be settled under it")]
    private partial void LogDamaged(long id);

    [LoggerMessage(Level = LogLevel.Error, Message = "The settlement queue is full; row {Id} waits for the next start")]
    private partial void LogQueueFull(long id);

    [LoggerMessage(Level = LogLevel.Error, Message = "Row {Id} names the store {Store}, which this configuration does not have")]
    private partial void LogNoSuchStore(long id, string store);
}
