using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using OssProxy.Core.FileTypes;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;
using OssProxy.Core.Uploads;

namespace OssProxy.Core.Grants;

/// <summary>
/// Makes the one record of an object that a client has sent by itself, whoever reports it: the store's callback, the client, or nobody but the
/// keeper. What no class takes is removed, under a row that keeps everybody else from recording it meanwhile. Where a client chooses its
/// keys it may overwrite what is recorded: the record then tells what is there, or goes with it.
/// </summary>
public sealed partial class GrantSettlement(
    UploadGrants grants, ImageLibrary library, GrantTerms terms, ObjectInspection inspection, TimeProvider time, ILogger<GrantSettlement> log)
{
    private static readonly Retentions Nothing = new(TimeSpan.Zero, new Dictionary<long, TimeSpan>());

    /// <summary>The record of an object; made if there is none yet.</summary>
    /// <param name="candidates">The grants by which it may have come, the likeliest first; one at least. It is recorded under the first
    /// whose class takes it.</param>
    /// <param name="isLast">Whether the grant is not looked at again: what its holder may have done to an object since it was looked at is put
    /// right then, whether it shows or not.</param>
    /// <exception cref="GrantException"><see cref="GrantError.KeyNotGranted"/>, <see cref="GrantError.ObjectMissing"/>,
    /// <see cref="GrantError.ObjectAltered"/>, <see cref="GrantError.ClassTreatsPictures"/>.</exception>
    /// <exception cref="UploadException">No class takes it; the object goes.</exception>
    /// <exception cref="RecordsException">The database, or what it counts; where a day's limit is reached the object goes.
    /// <see cref="RecordsError.KeyTaken"/>: the key is that of an image which was deleted.</exception>
    /// <exception cref="StoreException">The store; nothing has changed, and another try may succeed.</exception>
    public async Task<ImageRecord> SettleAsync(
        IReadOnlyList<UploadGrant> candidates, ObjectKey key, bool isLast, CancellationToken cancellationToken)
    {
        var first = candidates[0];
        if (candidates.Any(grant => !grant.Covers(key)))
            throw new GrantException(GrantError.KeyNotGranted, "The grant is for another key.");

        var known = await grants.RecordOfAsync(first.Store, first.Bucket, key, cancellationToken);
        if (known is { DeletedAt: null } && !candidates.Any(grant => grant.IsPrefix))
            return known;

        // What came through our gateway has its record, or was undone when it came.
        var direct = candidates.Where(grant => grant.Kind != GrantKind.Gateway).ToList();
        if (direct.Count == 0)
            return known is { DeletedAt: null } ? known : throw Missing();
        if (known is { DeletedAt: not null } && !direct.Exists(grant => grant.IsPrefix))
            throw Missing();

        try
        {
            var found = await inspection.FindAsync(direct[0], key, cancellationToken) ?? throw Missing();
            return known is null ? await RecordAsync(direct, key, found, cancellationToken)
                : known.DeletedAt is null ? await KeepAsync(Widest(direct), key, known, found, isLast, cancellationToken)
                : await LoseAsync(known, found, cancellationToken);
        }
        catch (GrantException altered) when (altered.Error == GrantError.ObjectAltered)
        {
            return await TakeOutAsync(direct[0], key, known, altered, cancellationToken);
        }
    }

    /// <summary>Sees to it that an object which is not wanted goes, unless it has a record.</summary>
    internal Task RemoveAsync(UploadGrant grant, ObjectKey key, CancellationToken cancellationToken) =>
        grants.CondemnAsync(grant, key, cancellationToken);

    private async Task<ImageRecord> RecordAsync(
        List<UploadGrant> candidates, ObjectKey key, FoundObject found, CancellationToken cancellationToken)
    {
        Exception? refusal = null;
        foreach (var grant in candidates)
        {
            try
            {
                var policy = await terms.PolicyAsync(GrantSender.Read(grant.Sender), grant.ClassId, cancellationToken);
                var granted = await inspection.AdmitAsync(grant, key, policy, found, grant.IsPrefix, digests: true, cancellationToken);
                var filing = new Filing(policy.ClassId, time.GetUtcNow()) { Usage = policy.Usage };
                var record = await grants.RecordAsync(granted, filing, cancellationToken);
                if (record.DeletedAt is not null)
                    throw Missing();
                LogStored(key.Value, granted.Length, granted.Upload.MediaType, grant.Kind);
                return record;
            }
            catch (Exception failure) when (IsRefusal(failure))
            {
                refusal ??= failure;
            }
        }

        return await TakeOutAsync(candidates[0], key, known: null, refusal!, cancellationToken);
    }

    // What was acknowledged stays what it is, whatever its class takes today; what has been put in its place is judged anew.
    private async Task<ImageRecord> KeepAsync(
        UploadGrant grant, ObjectKey key, ImageRecord known, FoundObject found, bool isLast, CancellationToken cancellationToken)
    {
        var isSame = found.IsAsRecorded(known);
        if (isSame && !isLast)
            return known;

        try
        {
            var policy = await terms.PolicyOfStoredAsync(GrantSender.Read(grant.Sender), known.ClassId, cancellationToken);
            if (isSame)
            {
                policy = policy with { MaxFileBytes = long.MaxValue, Types = FileTypeCatalog.All.ToHashSet(), Treatment = null };
                grant = grant with { MinBytes = 0, MaxBytes = long.MaxValue };
            }

            var isTouched = !isSame || !found.IsAsWritten(known);
            var granted = await inspection.AdmitAsync(grant, key, policy, found, isTouched, digests: !isSame, cancellationToken);
            if (isSame)
            {
                if (isTouched)
                    await grants.MendedAsync(known.Id, granted.WrittenAt, cancellationToken);
                return known;
            }

            if (await grants.ChangeAsync(known, granted, policy.Usage, cancellationToken))
                LogStored(key.Value, granted.Length, granted.Upload.MediaType, grant.Kind);

            // Somebody else may have seen the same, and been there first.
            return await grants.RecordOfAsync(grant.Store, grant.Bucket, key, cancellationToken) is { DeletedAt: null } now ? now : throw Missing();
        }
        catch (Exception failure) when (IsRefusal(failure))
        {
            return isSame ? known : await TakeOutAsync(grant, key, known, failure, cancellationToken);
        }
    }

    // By which of several an object was overwritten nobody can tell.
    private static UploadGrant Widest(List<UploadGrant> candidates) =>
        candidates[0] with { MinBytes = candidates.Min(grant => grant.MinBytes), MaxBytes = candidates.Max(grant => grant.MaxBytes) };

    // The image can be restored no more when its object is another one by now; both go at once.
    private async Task<ImageRecord> LoseAsync(ImageRecord known, FoundObject found, CancellationToken cancellationToken)
    {
        if (!found.IsAsRecorded(known))
            await grants.HastenAsync(known.Id, cancellationToken);
        throw new RecordsException(RecordsError.KeyTaken, "The key is that of an image which was deleted.");
    }

    // Whoever records it first keeps it: two may look at once, and only one of them see a day's limit reached by the other. The object itself is
    // deleted by whoever sees to deletions, under the row that keeps its key: a deletion of ours could come after somebody's next upload.
    private async Task<ImageRecord> TakeOutAsync(
        UploadGrant grant, ObjectKey key, ImageRecord? known, Exception refusal, CancellationToken cancellationToken)
    {
        if (known is { DeletedAt: null })
            await library.DeleteAsync([known.Id], Nothing, cancellationToken);
        else if (known is not null)
            await grants.HastenAsync(known.Id, cancellationToken);
        else if (await grants.CondemnAsync(grant, key, cancellationToken) is { DeletedAt: null } others)
            return others;

        LogRefused(key.Value, refusal.Message);
        ExceptionDispatchInfo.Throw(refusal);
        throw refusal;
    }

    private static GrantException Missing() => new(GrantError.ObjectMissing, "There is no object under the key.");

    // What no second try changes. A class that is closed refuses here as at every door.
    private static bool IsRefusal(Exception failure) => failure is UploadException { Error: not UploadError.PolicyUnreadable }
        or GrantException { Error: GrantError.ObjectAltered or GrantError.ClassTreatsPictures }
        or RecordsException { Error: RecordsError.DailyLimitReached };

    [LoggerMessage(Level = LogLevel.Information, Message = "Stored {Key}: {Bytes} bytes of {MediaType}, sent by its client ({Kind})")]
    private partial void LogStored(string key, long bytes, string mediaType, GrantKind kind);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Key}, which its client has sent, is removed: {Reason}")]
    private partial void LogRefused(string key, string reason);
}
