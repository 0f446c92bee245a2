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
/// may do it at once: each takes other grants, and looking twice does no harm. All times are the database's. Costs one small statement every
/// <see cref="Pause"/> where nothing is due; for a folder a listing of it, twice.
/// </summary>
public sealed partial class GrantKeeper(
    UploadGrants grants, GrantSettlement settlement, GrantTerms terms, TimeProvider time, ILogger<GrantKeeper> log) : BackgroundService
{
    /// <summary>How long it rests.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(15);

    private const int AtOnce = 4;

    // Longer than a look may take, so that nobody else takes the grant meanwhile.
    private static readonly TimeSpan Hold = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan OneLook = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan UntilNextTry = TimeSpan.FromMinutes(1);

    // A grant whose objects cannot be looked at for so long is given up; reconcile tells what it leaves.
    private static readonly TimeSpan LongestTrying = TimeSpan.FromDays(7);

    // How far the store's clock and ours may be apart where an object seems older than its grant.
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(15);

    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Looks at every grant that is due.</summary>
    internal async Task RoundAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            // Each takes the next when it is done with one: a folder of thousands keeps nobody else waiting.
            await Parallel.ForAsync(0, AtOnce, cancellationToken, async (_, stopped) =>
            {
                while (await grants.TakeDueAsync(1, Hold, stopped) is [var grant])
                    await TryLookAsync(grant, stopped);
            });
        }
        finally
        {
            _turn.Release();
        }
    }

    public override void Dispose()
    {
        _turn.Dispose();
        base.Dispose();
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
        catch (Exception failure)
        {
            stoppingToken.ThrowIfCancellationRequested();

            // One grant that nobody foresaw must not keep all others from being looked at.
            LogPostponed(failure, grant.Id, UntilNextTry);
            if (IsGivenUp(grant))
                await grants.RemoveAsync(grant, stoppingToken);
            else
                await grants.LookInAsync(grant.Id, UntilNextTry, stoppingToken);
        }
    }

    private async Task LookAsync(UploadGrant grant, CancellationToken cancellationToken)
    {
        var first = grant.ExpiresAt + GrantTerms.FirstLookAfter - grant.ReadAt;
        var last = grant.ExpiresAt + terms.Options.LateWindow - grant.ReadAt;
        var isLast = last <= TimeSpan.Zero;
        var isWhole = await TryLookForObjectsAsync(grant, isLast, cancellationToken);
        if (isLast && (isWhole || IsGivenUp(grant)))
            await grants.RemoveAsync(grant, cancellationToken);
        else if (!isWhole && (isLast || grant.IsReported))
            await grants.LookInAsync(grant.Id, UntilNextTry, cancellationToken);
        else
            await grants.LookInAsync(grant.Id, first > TimeSpan.Zero ? first : last, cancellationToken);
    }

    private bool IsGivenUp(UploadGrant grant) => grant.ReadAt - grant.ExpiresAt > terms.Options.LateWindow + LongestTrying;

    // Whether all of it could be looked at.
    private async Task<bool> TryLookForObjectsAsync(UploadGrant grant, bool isLast, CancellationToken cancellationToken)
    {
        // What came through us has been recorded or undone when it came.
        if (grant.Kind == GrantKind.Gateway)
            return true;
        if (!terms.HasStoreOf(grant) || !terms.HasOss)
        {
            LogElsewhere(grant.Id, grant.Bucket);
            return false;
        }

        if (!grant.IsPrefix)
        {
            if (!await TrySettleAsync(grant, ObjectKey.Parse(grant.Path), isLast, cancellationToken))
                return false;
            if (isLast && grant.Kind == GrantKind.Parts)
                await AbandonAsync(grant, cancellationToken);
            return true;
        }

        var isWhole = await TryLookUnderAsync(grant, isLast, cancellationToken);
        if (isLast && grant.Kind == GrantKind.Sts)
            await AbandonUnderAsync(grant, cancellationToken);
        return isWhole;
    }

    private async Task<bool> TryLookUnderAsync(UploadGrant grant, bool isLast, CancellationToken cancellationToken)
    {
        var isWhole = true;
        var since = terms.StoreNow - (grant.ReadAt - grant.CreatedAt) - Skew;
        await foreach (var found in terms.Store.Listing!.ListAsync(grant.Path, cancellationToken))
        {
            if (found.LastModified < since)
                continue;
            if (ObjectKey.TryParse(found.Key, out var key) && grant.Covers(key))
                isWhole &= (!isLast && await IsKnownAsync(grant, key, found, cancellationToken)) || await TrySettleAsync(grant, key, isLast, cancellationToken);
            else
                await RemoveStrangeAsync(grant, found.Key, cancellationToken);
        }

        return isWhole;
    }

    // What was written when its record says so needs no look before the last one.
    private async Task<bool> IsKnownAsync(UploadGrant grant, ObjectKey key, ListedObject found, CancellationToken cancellationToken) =>
        await grants.RecordOfAsync(grant.Store, grant.Bucket, key, cancellationToken) is { DeletedAt: null, WrittenAt: { } written } known
        && known.Size == found.Length && written.ToUnixTimeSeconds() == found.LastModified.ToUnixTimeSeconds();

    private async Task<bool> TrySettleAsync(UploadGrant grant, ObjectKey key, bool isLast, CancellationToken cancellationToken)
    {
        try
        {
            await SettleAsync(grant, key, isLast, cancellationToken);
            return true;
        }
        catch (Exception failure) when (failure is GrantException or UploadException { Error: not UploadError.PolicyUnreadable }
            or RecordsException { Error: RecordsError.DailyLimitReached or RecordsError.KeyTaken })
        {
            // Nothing has come, or what has come is gone.
            return true;
        }
        catch (Exception failure) when (failure is StoreException or UploadException or RecordsException { Error: RecordsError.ClassNotFound })
        {
            LogNotYet(failure, key.Value);
            return false;
        }
    }

    private async Task SettleAsync(UploadGrant grant, ObjectKey key, bool isLast, CancellationToken cancellationToken)
    {
        // Its own first for its own objects; of several by which an unknown one may have come, the latest.
        var others = grant.IsPrefix ? await grants.CoveringAsync(grant.Store, grant.Bucket, key, cancellationToken) : [];
        var candidates = others.Where(one => one.Kind != GrantKind.Gateway).DefaultIfEmpty(grant).ToList();
        if (terms.Options.Unconfirmed != "remove" || grant.IsReported)
        {
            await settlement.SettleAsync(candidates, key, isLast, cancellationToken);
            return;
        }

        // What is recorded is looked at all the same. What is not may still be confirmed, until the last grant of it has its last look.
        if (await grants.RecordOfAsync(grant.Store, grant.Bucket, key, cancellationToken) is not null)
            await settlement.SettleAsync(candidates, key, isLast, cancellationToken);
        else if (isLast && candidates.TrueForAll(one => one.Id <= grant.Id))
            await settlement.RemoveAsync(grant, key, cancellationToken);
    }

    // Under a key that none of ours can be, nothing could ever be recorded, and so nobody would ever find it.
    private async Task RemoveStrangeAsync(UploadGrant grant, string key, CancellationToken cancellationToken)
    {
        await OssObjectStore.TellAsync(terms.Oss.Objects.DeleteAsync(key, cancellationToken));
        LogStrange(grant.Id);
    }

    private async Task AbandonAsync(UploadGrant grant, CancellationToken cancellationToken)
    {
        try
        {
            await (terms.Store.Parts?.AbandonAsync(ObjectKey.Parse(grant.Path), cancellationToken) ?? Task.CompletedTask);
        }
        catch (StoreException failure) when (failure.Error is StoreError.StoreAccessDenied or StoreError.StoreMisconfigured)
        {
            LogNotAborted(failure, grant.Path);
        }
    }

    // Begun with credentials that have ended. While others go on that may send there, they may be theirs: the last of them sees to all.
    private async Task AbandonUnderAsync(UploadGrant grant, CancellationToken cancellationToken)
    {
        var inside = ObjectKey.Parse(grant.Path + "parts");
        var others = await grants.CoveringAsync(grant.Store, grant.Bucket, inside, cancellationToken);
        if (others.Any(one => one.Id != grant.Id && one.Kind is GrantKind.Sts or GrantKind.Gateway && one.ExpiresAt > one.ReadAt))
            return;

        var before = terms.StoreNow - (grant.ReadAt - grant.ExpiresAt);
        try
        {
            await foreach (var parts in terms.Store.Listing!.ListPartsAsync(grant.Path, cancellationToken))
            {
                if (parts.BegunAt < before)
                    await terms.Store.Listing.AbortPartsAsync(parts, cancellationToken);
            }
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "What became of {Key} cannot be seen yet")]
    private partial void LogNotYet(Exception failure, string key);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Under grant {Id} lay an object whose key is none of ours; it was removed")]
    private partial void LogStrange(long id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Grant {Id} is for the bucket {Bucket}, which this configuration does not have")]
    private partial void LogElsewhere(long id, string bucket);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The parts of {Key} could not be aborted; a lifecycle rule of the bucket may remove them")]
    private partial void LogNotAborted(Exception failure, string key);
}
