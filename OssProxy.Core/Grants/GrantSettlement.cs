using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using OssProxy.Core.FileTypes;
using OssProxy.Core.Oss;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;
using OssProxy.Core.Uploads;

namespace OssProxy.Core.Grants;

/// <summary>
/// Makes the one record of an object that a client has sent by itself, whoever reports it: the store's callback, the client, or nobody but the
/// keeper. The object is asked of the store, its first bytes are looked at as at every door, and what its class would not have taken is removed.
/// What is kept beside it is put right where the client could choose it. Costs one small read of the store and one write; two requests more
/// where something has to be put right.
/// </summary>
public sealed partial class GrantSettlement(
    UploadGrants grants, ImageLibrary library, GrantTerms terms, TimeProvider time, ILogger<GrantSettlement> log)
{
    /// <summary>The record of an object under a grant; made if there is none yet.</summary>
    /// <param name="isLast">Whether nobody will look again: what the holder of a prefix may have done to an object that is recorded already is
    /// put right then, whether it shows or not.</param>
    /// <exception cref="GrantException"><see cref="GrantError.KeyNotGranted"/>, <see cref="GrantError.ObjectMissing"/>,
    /// <see cref="GrantError.ObjectAltered"/>.</exception>
    /// <exception cref="UploadException">The class does not take it; the object is gone.</exception>
    /// <exception cref="RecordsException">The database, or what it counts; where a day's limit is reached the object is gone.</exception>
    /// <exception cref="StoreException">The store; nothing has changed, and another try may succeed.</exception>
    public async Task<ImageRecord> SettleAsync(UploadGrant grant, ObjectKey key, bool isLast, CancellationToken cancellationToken)
    {
        if (!grant.Covers(key))
            throw new GrantException(GrantError.KeyNotGranted, "The grant is for another key.");

        var known = await grants.RecordOfAsync(grant.Store, grant.Bucket, key, cancellationToken);
        // A key that a grant names alone is never written twice. One that its holder chose may be, and has been if the object differs.
        if (known is not null && (!grant.IsPrefix || known.DeletedAt is not null || grant.Kind == GrantKind.Gateway))
            return known;
        if (grant.Kind == GrantKind.Gateway)
            throw new GrantException(GrantError.ObjectMissing, "Nothing has come through the gateway under the key.");

        var found = await LookAsync(grant, key, cancellationToken)
            ?? throw new GrantException(GrantError.ObjectMissing, "There is no object under the key.");
        if (known is not null && !isLast && found.IsAsRecorded(known))
            return known;
        return await AdmitAsync(grant, key, known, found, cancellationToken);
    }

    /// <summary>Removes what has come under a grant and is not wanted.</summary>
    public async Task RemoveAsync(UploadGrant grant, ObjectKey key, CancellationToken cancellationToken)
    {
        if (await grants.RecordOfAsync(grant.Store, grant.Bucket, key, cancellationToken) is null)
            await OssObjectStore.TellAsync(terms.Oss.Objects.DeleteAsync(key, cancellationToken));
    }

    private async Task<ImageRecord> AdmitAsync(
        UploadGrant grant, ObjectKey key, ImageRecord? known, FoundObject found, CancellationToken cancellationToken)
    {
        try
        {
            var policy = await terms.PolicyAsync(GrantSender.Read(grant.Sender), grant.ClassId, cancellationToken);
            var granted = await InspectAsync(grant, key, policy, found, cancellationToken);
            if (known is not null)
            {
                await grants.ChangeAsync(known.Id, granted, cancellationToken);
                return (await grants.RecordOfAsync(grant.Store, grant.Bucket, key, cancellationToken))!;
            }

            var filing = new Filing(policy.ClassId, time.GetUtcNow()) { Usage = policy.Usage };
            var record = await grants.RecordAsync(granted, filing, cancellationToken);
            LogStored(key.Value, granted.Length, granted.Upload.MediaType, grant.Kind);
            return record;
        }
        catch (Exception refusal) when (IsRefusal(refusal))
        {
            LogRefused(key.Value, refusal.Message);
            await TakeOutAsync(key, known, cancellationToken);
            throw;
        }
    }

    // What has a record goes the way of everything that is deleted; the object alone otherwise.
    private async Task TakeOutAsync(ObjectKey key, ImageRecord? known, CancellationToken cancellationToken)
    {
        if (known is not null)
            await library.DeleteAsync([known.Id], new Retentions(TimeSpan.Zero, new Dictionary<long, TimeSpan>()), cancellationToken);
        else
            await OssObjectStore.TellAsync(terms.Oss.Objects.DeleteAsync(key, cancellationToken));
    }

    private async Task<GrantedObject> InspectAsync(
        UploadGrant grant, ObjectKey key, UploadPolicy policy, FoundObject found, CancellationToken cancellationToken)
    {
        if (found.Length > policy.MaxFileBytes)
            throw policy.TooLarge();
        if (found.Length > grant.MaxBytes || (found.Length > 0 && found.Length < grant.MinBytes))
            throw new GrantException(GrantError.ObjectAltered, $"The object has {found.Length} bytes, which were not granted.");

        var name = OriginalName.TryParse(grant.OriginalName ?? LastOf(key), out var readable) ? readable : null;
        var type = policy.Admit(found.Head.Span, found.Head.Length == found.Length, name);
        var size = PictureSize.Of(type, found.Head.Span);
        var disposition = ContentDisposition.For(type, name, policy.AsAttachment, policy.KeepName);
        await MendAsync(grant, key, found, type, disposition, cancellationToken);
        var upload = new NewUpload(grant.Store, key, policy.Store.Links.For(key), type.MediaType, name?.Value)
        {
            Bucket = grant.Bucket,
            Name = policy.KeepName ? name?.Stem ?? "" : "",
            Owner = policy.Owner,
            CreatedBy = policy.CreatedBy,
            Width = size?.Width,
            Height = size?.Height,
            GrantId = grant.Id,
        };
        return new GrantedObject(grant, upload, found.Length, found.Crc64)
        {
            Sha256 = policy.Sha256 ? await DigestAsync(key, cancellationToken) : null,
        };
    }

    // The store keeps what the client said beside the object, and a form that leaves the key to its client binds none of it: permissions and
    // type are set anew, on the store's side.
    private async Task MendAsync(
        UploadGrant grant, ObjectKey key, FoundObject found, FileType type, string? disposition, CancellationToken cancellationToken)
    {
        var source = found.Source;
        if (!grant.IsPrefix && source.ContentType == type.MediaType && source.ContentDisposition == disposition && source.CacheControl is null
            && source.Metadata.Count == 0)
            return;
        if (found.Length > GrantTerms.MostToMend)
            throw new GrantException(GrantError.ObjectAltered, "What is kept beside the object was not granted, and it is too large to put right.");

        var settings = new OssObjectSettings { ContentType = type.MediaType, ContentDisposition = disposition, Acl = "default" };
        await OssObjectStore.TellAsync(terms.Oss.Objects.CopyAsync(key, key, settings, cancellationToken));
    }

    private async Task<FoundObject?> LookAsync(UploadGrant grant, ObjectKey key, CancellationToken cancellationToken)
    {
        if (grant.Store != terms.Store.Name || grant.Bucket != terms.Store.Bucket)
            throw new StoreException(StoreError.StoreMisconfigured, $"The grant is for a bucket '{grant.Bucket}' that this configuration does not have.");

        return await OssObjectStore.TellAsync(OpenAsync(key, cancellationToken));
    }

    private async Task<FoundObject?> OpenAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        try
        {
            var range = new ByteRange(0, FileTypeCatalog.HeadBytes - 1);
            if (await terms.Oss.Objects.GetAsync(key, range, cancellationToken) is not { } download)
                return null;
            await using (download)
            {
                var head = new byte[(int)Math.Min(FileTypeCatalog.HeadBytes, download.Source.Length)];
                await download.Body.ReadExactlyAsync(head, cancellationToken);
                return new FoundObject(download.Source, head);
            }
        }
        catch (OssException failure) when (failure.Code == "InvalidRange")
        {
            // An object without a byte has no first one.
            return await terms.Oss.Objects.HeadAsync(key, cancellationToken) is { } source ? new FoundObject(source, default) : null;
        }
    }

    private async Task<string?> DigestAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        var download = await OssObjectStore.TellAsync(terms.Oss.Objects.GetAsync(key, range: null, cancellationToken))
            ?? throw new GrantException(GrantError.ObjectMissing, "The object has gone while it was looked at.");
        await using (download)
            return Convert.ToHexStringLower(await OssObjectStore.TellAsync(SHA256.HashDataAsync(download.Body, cancellationToken).AsTask()));
    }

    private static string LastOf(ObjectKey key) => key.Value[(key.Value.LastIndexOf('/') + 1)..];

    // What no second try changes. A class that is closed or gone refuses here as at every door.
    private static bool IsRefusal(Exception failure) => failure is UploadException { Error: not UploadError.PolicyUnreadable }
        or GrantException { Error: GrantError.ObjectAltered }
        or RecordsException { Error: RecordsError.DailyLimitReached };

    /// <summary>An object as it is, and its first bytes.</summary>
    private sealed record FoundObject(OssObject Source, ReadOnlyMemory<byte> Head)
    {
        public long Length => Source.Length;

        public ulong? Crc64 => Source.Crc64;

        public bool IsAsRecorded(ImageRecord known) =>
            known.Size == Length && known.MediaType == Source.ContentType && Crc64 is { } crc
            && known.Crc64 == crc.ToString(CultureInfo.InvariantCulture);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Stored {Key}: {Bytes} bytes of {MediaType}, sent by its client ({Kind})")]
    private partial void LogStored(string key, long bytes, string mediaType, GrantKind kind);

    [LoggerMessage(Level = LogLevel.Information, Message = "Removed {Key}, which its client has sent: {Reason}")]
    private partial void LogRefused(string key, string reason);
}
