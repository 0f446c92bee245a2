using Microsoft.Extensions.Logging;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Reconciliation;

/// <summary>
/// Settles what nodes left that never came back: claims beyond <see cref="ReconciliationOptions.ClaimDeadline"/>, by looking at the store.
/// Without an object the row goes; with one the row is condemned, and the queue of deletions sees to both, or it is finished. A node that
/// does come back settles its own at its start, long before.
/// </summary>
internal sealed partial class ClaimReconciler(
    StaleClaims claims, ObjectStores stores, ReconciliationOptions options, TimeProvider time, ILogger<ClaimReconciler> log)
{
    private const int Batch = 100;
    private static readonly TimeSpan LongestInterval = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan OneAttempt = TimeSpan.FromSeconds(30);

    private TimeSpan Interval => options.ClaimDeadline / 4 < LongestInterval ? options.ClaimDeadline / 4 : LongestInterval;

    /// <summary>Works until the tenure is over.</summary>
    /// <exception cref="OperationCanceledException">It is over.</exception>
    public async Task RunAsync(WorkShare share, Tenure tenure)
    {
        while (true)
        {
            await RoundAsync(share, tenure);
            await Task.Delay(Interval, time, tenure.Token);
        }
    }

    /// <summary>Looks at every claim beyond the deadline once.</summary>
    internal async Task RoundAsync(WorkShare share, Tenure tenure)
    {
        try
        {
            long after = 0;
            IReadOnlyList<StaleClaim> page;
            while ((page = await claims.OlderAsync(share, options.ClaimDeadline, after, Batch, tenure.Token)).Count > 0)
            {
                foreach (var claim in page)
                    await SettleAsync(claim, tenure);
                after = page[^1].Id;
            }
        }
        catch (RecordsException failure)
        {
            LogNoRecords(failure);
        }
    }

    private async Task SettleAsync(StaleClaim claim, Tenure tenure)
    {
        using var attempt = new CancellationTokenSource(OneAttempt, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(attempt.Token, tenure.Token);
        try
        {
            if (claim.Key is { } key && stores.Find(claim.Store, claim.Bucket) is { } store)
                await SettleAsync(claim, key, store, tenure, either.Token);
            else
                LogNowhere(claim.Id, claim.Store);
        }
        catch (Exception failure) when (failure is not RecordsException && !tenure.Token.IsCancellationRequested)
        {
            LogPostponed(failure, claim.Id);
        }
    }

    private async Task SettleAsync(StaleClaim claim, ObjectKey key, NamedStore store, Tenure tenure, CancellationToken cancellationToken)
    {
        tenure.ThrowIfOver();
        await AbandonPartsAsync(store, key, cancellationToken);
        var found = await claims.IsKeyOfAnotherAsync(claim, cancellationToken) ? null : await store.Store.HeadAsync(key, cancellationToken);
        var settled = found is null ? await claims.ReleaseAsync(tenure.Hold, claim, tenure.Token)
            : options.Unfinished == "finish" ? await claims.FinishAsync(tenure.Hold, claim, found, tenure.Token)
            : await claims.CondemnAsync(tenure.Hold, claim, tenure.Token);
        if (settled)
            LogSettled(claim.Id, key.Value, claim.Node, found is null ? "released" : options.Unfinished);
    }

    private async Task AbandonPartsAsync(NamedStore store, ObjectKey key, CancellationToken cancellationToken)
    {
        try
        {
            await (store.Parts?.AbandonAsync(key, cancellationToken) ?? Task.CompletedTask);
        }
        catch (StoreException failure) when (failure.Error is StoreError.StoreAccessDenied or StoreError.StoreMisconfigured)
        {
            // As in the settlement of uploads: who may not list parts must still come into agreement.
            LogMayNotAbandon(failure, key.Value);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The records cannot be reached: claims that were left behind wait")]
    private partial void LogNoRecords(Exception failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Claim {Id} cannot be settled yet")]
    private partial void LogPostponed(Exception failure, long id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Claim {Id} was left behind and cannot be settled: its path is no key, or this configuration has no store {Store}")]
    private partial void LogNowhere(long id, string store);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Claim {Id} of {Key} was left behind by node {Node}: {Outcome}")]
    private partial void LogSettled(long id, string key, string node, string outcome);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Parts of {Key} may be left: the store does not let us look")]
    private partial void LogMayNotAbandon(Exception failure, string key);
}
