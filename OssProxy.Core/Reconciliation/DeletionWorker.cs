using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Reconciliation;

/// <summary>
/// Removes the objects of deleted images and then their rows, four at a time, each attempt for at most 30 seconds, under a lease. A failure
/// is tried again after 1 second, 2, 4, … up to an hour, and given up visibly after <see cref="ReconciliationOptions.DeletionAttempts"/>.
/// The fence guards every row; no fence guards the store, but what a late worker deletes there is an object whose deletion had begun, which
/// nobody can take back. Keys of ours are never given again; one that a client has chosen comes again only after its row has gone, which is after
/// every attempt that this process has waited for.
/// </summary>
/// <param name="afterwards">What goes with an object, and is removed after it; what it throws lets the deletion be tried again. Null for
/// nothing.</param>
internal sealed partial class DeletionWorker(
    DeletionQueue queue,
    ObjectStores stores,
    ReconciliationOptions options,
    TimeProvider time,
    ILogger<DeletionWorker> log,
    Func<NamedStore, ObjectKey, CancellationToken, Task>? afterwards = null)
{
    private const int Batch = 100;
    private const int AtOnce = 4;
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromHours(1);
    private static readonly TimeSpan OneAttempt = TimeSpan.FromSeconds(30);

    /// <summary>Works until the tenure is over.</summary>
    /// <exception cref="OperationCanceledException">It is over.</exception>
    public async Task RunAsync(WorkShare share, Tenure tenure)
    {
        while (true)
        {
            if (!await RoundAsync(share, tenure))
                await Task.Delay(options.PollInterval, time, tenure.Token);
        }
    }

    /// <summary>Works on what is due; true when there may be more at once.</summary>
    internal async Task<bool> RoundAsync(WorkShare share, Tenure tenure)
    {
        var done = 0;
        var failures = new ConcurrentQueue<(string Path, Exception Failure)>();
        try
        {
            var due = await queue.DueAsync(share, Batch, tenure.Token);
            await Parallel.ForEachAsync(
                due, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = tenure.Token }, async (deletion, _) =>
                {
                    if (await DeleteAsync(deletion, failures, tenure))
                        Interlocked.Increment(ref done);
                });
            return due.Count == Batch && done > 0;
        }
        catch (RecordsException failure)
        {
            LogNoRecords(failure);
            return false;
        }
        finally
        {
            // A store that is down for a day fails thousands of times for one reason.
            if (failures.TryPeek(out var first))
                LogPostponed(first.Failure, failures.Count, first.Path);
        }
    }

    private async Task<bool> DeleteAsync(
        ObjectDeletion deletion, ConcurrentQueue<(string Path, Exception Failure)> failures, Tenure tenure)
    {
        if (!await queue.BeginAsync(tenure.Hold, deletion, tenure.Token))
            return false;

        using var attempt = new CancellationTokenSource(OneAttempt, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(attempt.Token, tenure.Token);
        try
        {
            await RemoveObjectAsync(deletion, tenure, either.Token);
            var finished = await queue.FinishAsync(tenure.Hold, deletion, tenure.Token);
            if (finished)
                LogRemoved(deletion.ImageId, deletion.Path, deletion.Store);
            return finished;
        }
        catch (Exception failure) when (!tenure.Token.IsCancellationRequested)
        {
            failures.Enqueue((deletion.Path, failure));
            await PostponeAsync(deletion, failure, tenure);
            return false;
        }
    }

    private async Task RemoveObjectAsync(ObjectDeletion deletion, Tenure tenure, CancellationToken cancellationToken)
    {
        // A registered URL has no object of ours; neither has a path that no key can have.
        if (deletion.Store == ImageRecord.Link || !ObjectKey.TryParse(deletion.Path, out var key)
            || await queue.IsObjectNeededAsync(deletion, cancellationToken))
            return;

        // Not in another bucket: it would answer that there is nothing, and the object would be nobody's for ever.
        var store = stores.Find(deletion.Store, deletion.Bucket)
            ?? throw new StoreException(
                StoreError.StoreMisconfigured, $"This configuration has no store '{deletion.Store}' with a bucket '{deletion.Bucket}'.");
        tenure.ThrowIfOver();
        await store.Store.DeleteAsync(key, cancellationToken);
        if (afterwards is not null)
            await afterwards(store, key, cancellationToken);
    }

    private async Task PostponeAsync(ObjectDeletion deletion, Exception failure, Tenure tenure)
    {
        var wait = TimeSpan.FromTicks(Math.Min(FirstRetry.Ticks << (int)Math.Min(deletion.Attempts, 12), LongestRetry.Ticks));
        var givenUp = await queue.PostponeAsync(
            tenure.Hold, deletion, $"{failure.GetType().Name}: {failure.Message}", wait, options.DeletionAttempts, tenure.Token);
        if (givenUp)
            LogGivenUp(failure, deletion.Path, deletion.ImageId, options.DeletionAttempts);
        else if (failure is StoreException or RecordsException or OperationCanceledException)
            LogNextTry(deletion.Path, wait);
        else
            LogUnforeseen(failure, deletion.Path, wait);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The records cannot be reached: deletions wait")]
    private partial void LogNoRecords(Exception failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} objects cannot be deleted yet and are tried again later, {Path} among them")]
    private partial void LogPostponed(Exception failure, int count, string path);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Path} cannot be deleted yet, next try in {Wait}")]
    private partial void LogNextTry(string path, TimeSpan wait);

    [LoggerMessage(Level = LogLevel.Information, Message = "Image {Id} has been removed, with {Path} in {Store}")]
    private partial void LogRemoved(long id, string path, string store);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} cannot be deleted for a reason that nobody foresaw, next try in {Wait}")]
    private partial void LogUnforeseen(Exception failure, string path, TimeSpan wait);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} of image {Id} could not be deleted in {Attempts} attempts and is given up: mend what failed, then run reconcile")]
    private partial void LogGivenUp(Exception failure, string path, long id, int attempts);
}
