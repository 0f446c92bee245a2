using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OssProxy.Core.Oss;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;
using OssProxy.Core.Uploads;

namespace OssProxy.Core.Grants;

/// <summary>
/// Looks for what nobody has reported: once when a grant has ended, and a last time when no upload that began in time can still be under way.
/// What is found is recorded or removed, as configured; parts that were never joined are aborted; then the grant is forgotten. Several nodes
/// may do it at once, each takes other grants. Costs one small statement every <see cref="Pause"/> where nothing is due.
/// </summary>
public sealed partial class GrantKeeper(
    UploadGrants grants, GrantSettlement settlement, GrantTerms terms, TimeProvider time, ILogger<GrantKeeper> log) : BackgroundService
{
    /// <summary>How long it rests.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(15);

    private const int Batch = 20;

    // Longer than any look may take, so that nobody else takes the grant meanwhile.
    private static readonly TimeSpan Hold = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan OneLook = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan UntilNextTry = TimeSpan.FromMinutes(1);

    // How far the store's clock and ours may be apart where an object seems older than its grant.
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(15);

    /// <summary>Looks at every grant that is due.</summary>
    internal async Task RoundAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<UploadGrant> due;
        do
        {
            due = await grants.TakeDueAsync(Batch, Hold, cancellationToken);
            foreach (var grant in due)
                await TryLookAsync(grant, cancellationToken);
        }
        while (due.Count == Batch);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                try
                {
                    await RoundAsync(stoppingToken);
                }
                catch (RecordsException failure)
                {
                    LogNoRecords(failure);
                }

                await Task.Delay(Pause, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // A host that fails to start cancels, too, and would take the exception for a fault.
        }
    }

    private async Task TryLookAsync(UploadGrant grant, CancellationToken stoppingToken)
    {
        using var limit = new CancellationTokenSource(OneLook, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stoppingToken);
        try
        {
            await LookAsync(grant, either.Token);
        }
        catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
        {
            // One grant that nobody foresaw must not keep all others from being looked at.
            LogPostponed(failure, grant.Id, UntilNextTry);
            await grants.LookInAsync(grant.Id, UntilNextTry, stoppingToken);
        }
    }

    private async Task LookAsync(UploadGrant grant, CancellationToken cancellationToken)
    {
        var rest = grant.ExpiresAt + terms.Options.LateWindow - time.GetUtcNow();
        var isLast = rest <= TimeSpan.Zero;
        if (grant.Kind == GrantKind.Gateway)
        {
            // What came through us has been recorded or undone when it came.
        }
        else if (grant.IsPrefix)
        {
            await LookUnderAsync(grant, isLast, cancellationToken);
        }
        else
        {
            await SettleAsync(grant, ObjectKey.Parse(grant.Path), isLast, cancellationToken);
        }

        if (!isLast)
        {
            await grants.LookInAsync(grant.Id, rest, cancellationToken);
            return;
        }

        if (grant.UploadId is not null)
            await AbortAsync(grant, cancellationToken);
        await grants.RemoveAsync(grant.Id, cancellationToken);
    }

    private async Task LookUnderAsync(UploadGrant grant, bool isLast, CancellationToken cancellationToken)
    {
        var since = grant.CreatedAt - Skew;
        await foreach (var found in terms.Store.Listing!.ListAsync(grant.Path, cancellationToken))
        {
            if (found.LastModified < since)
                continue;
            if (ObjectKey.TryParse(found.Key, out var key) && grant.Covers(key))
                await SettleAsync(grant, key, isLast, cancellationToken);
            else
                LogNoKey(grant.Id);
        }
    }

    private async Task SettleAsync(UploadGrant grant, ObjectKey key, bool isLast, CancellationToken cancellationToken)
    {
        if (terms.Options.Unconfirmed == "remove"
            && await grants.RecordOfAsync(grant.Store, grant.Bucket, key, cancellationToken) is null)
        {
            await settlement.RemoveAsync(grant, key, cancellationToken);
            return;
        }

        try
        {
            await settlement.SettleAsync(grant, key, isLast, cancellationToken);
        }
        catch (Exception failure) when (failure is GrantException or UploadException or RecordsException { Error: RecordsError.DailyLimitReached })
        {
            // Nothing has come, or what has come is gone.
        }
    }

    private async Task AbortAsync(UploadGrant grant, CancellationToken cancellationToken)
    {
        try
        {
            await OssObjectStore.TellAsync(terms.Oss.Multipart.AbortAsync(grant.Path, grant.UploadId!, cancellationToken));
        }
        catch (StoreException failure) when (failure.Error is StoreError.StoreAccessDenied or StoreError.StoreMisconfigured)
        {
            LogNotAborted(failure, grant.Path);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The records cannot be reached: grants that have ended wait")]
    private partial void LogNoRecords(Exception failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What became of grant {Id} cannot be seen yet, next try in {Wait}")]
    private partial void LogPostponed(Exception failure, long id, TimeSpan wait);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Under grant {Id} lies an object whose key is none of ours; it stays")]
    private partial void LogNoKey(long id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The parts of {Key} could not be aborted; a lifecycle rule of the bucket may remove them")]
    private partial void LogNotAborted(Exception failure, string key);
}
