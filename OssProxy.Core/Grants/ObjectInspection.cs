using System.Security.Cryptography;
using OssProxy.Core.FileTypes;
using OssProxy.Core.Oss;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;
using OssProxy.Core.Uploads;

namespace OssProxy.Core.Grants;

/// <summary>
/// Looks at an object that a client has sent by itself, as a door looks at what comes through it: its first bytes, its size, and what is kept
/// beside it, which is put right where the client could choose it. Costs one small read; one request more where something is put right, and
/// a whole read where the class wants a digest.
/// </summary>
public sealed class ObjectInspection(GrantTerms terms)
{
    /// <summary>The object, and its first bytes; null when there is none.</summary>
    /// <exception cref="GrantException"><see cref="GrantError.ObjectAltered"/>: it is kept so that nobody can read it.</exception>
    /// <exception cref="StoreException">The store, or a bucket that this configuration does not have.</exception>
    internal async Task<FoundObject?> FindAsync(UploadGrant grant, ObjectKey key, CancellationToken cancellationToken)
    {
        terms.RequireStoreOf(grant);
        return await OssObjectStore.TellAsync(OpenAsync(key, cancellationToken));
    }

    /// <summary>What a record is to say of an object that is let in.</summary>
    /// <param name="mendsAnyway">Whether attributes are set anew that cannot be seen, such as permissions.</param>
    /// <param name="digests">Whether the digest is made that the class wants.</param>
    /// <exception cref="UploadException">The policy does not take it.</exception>
    /// <exception cref="GrantException"><see cref="GrantError.ObjectAltered"/>, <see cref="GrantError.ClassTreatsPictures"/>.</exception>
    internal async Task<GrantedObject> AdmitAsync(
        UploadGrant grant, ObjectKey key, UploadPolicy policy, FoundObject found, bool mendsAnyway, bool digests, CancellationToken cancellationToken)
    {
        if (!found.IsPlain)
            throw new GrantException(GrantError.ObjectAltered, "The object is none of its own.");
        if (found.Length > policy.MaxFileBytes)
            throw policy.TooLarge();
        if (found.Length > grant.MaxBytes || (found.Length > 0 && found.Length < grant.MinBytes))
            throw new GrantException(GrantError.ObjectAltered, $"The object has {found.Length} bytes, which were not granted.");

        var name = OriginalName.TryParse(grant.OriginalName ?? LastOf(key), out var readable) ? readable : null;
        var type = policy.Admit(found.Head.Span, found.Head.Length == found.Length, name);
        if (policy.Treatment?.Changes(type) == true)
            throw new GrantException(GrantError.ClassTreatsPictures, "The class has come to treat its pictures since the grant was given.");
        var size = PictureSize.Of(type, found.Head.Span);
        var disposition = ContentDisposition.For(type, name, policy.AsAttachment, policy.KeepName);
        var writtenAt = mendsAnyway || !found.IsKeptAs(type.MediaType, disposition)
            ? await MendAsync(key, found, type, disposition, cancellationToken) : found.Source.LastModified;
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
            WrittenAt = writtenAt,
            Sha256 = digests && policy.Sha256 ? await DigestAsync(key, cancellationToken) : null,
        };
    }

    // On the store's side, by a copy onto itself: type, disposition and permissions as wanted, and nothing else (docs/oss-assumptions.md A19).
    private async Task<DateTimeOffset?> MendAsync(ObjectKey key, FoundObject found, FileType type, string? disposition, CancellationToken cancellationToken)
    {
        if (found.Length > GrantTerms.MostToMend)
        {
            // Too large to be copied. As another type that no browser runs it is no harm, as anything else it is.
            if (FileTypeCatalog.All.Any(known => known.Inline && found.IsKeptAs(known.MediaType, disposition)))
                return found.Source.LastModified;
            throw new GrantException(GrantError.ObjectAltered, "What is kept beside the object was not granted, and it is too large to put right.");
        }

        var settings = new OssObjectSettings { ContentType = type.MediaType, ContentDisposition = disposition, Acl = "default" };
        return await OssObjectStore.TellAsync(terms.Oss.Objects.CopyAsync(key, key, settings, cancellationToken));
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
        catch (OssException failure) when (failure.Code == "InvalidObjectState")
        {
            throw new GrantException(GrantError.ObjectAltered, "The object was put where nothing can be read at once.", failure);
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
}
