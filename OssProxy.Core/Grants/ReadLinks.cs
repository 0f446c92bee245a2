using OssProxy.Core.FileTypes;
using OssProxy.Core.Oss;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;
using OssProxy.Core.Uploads;

namespace OssProxy.Core.Grants;

/// <summary>How somebody wants to read a file.</summary>
/// <param name="Lifetime">How long; null for the configured time.</param>
public sealed record ReadTerms(TimeSpan? Lifetime)
{
    /// <summary>As a download, or in place where a browser may show it; null as it was stored.</summary>
    public bool? AsAttachment { get; init; }

    /// <summary>The name that a download gets; null for the file's own.</summary>
    public string? FileName { get; init; }

    /// <summary>What caches are told; null as it was stored.</summary>
    public string? CacheControl { get; init; }

    /// <summary>What is made of it (<c>x-oss-process</c>); null for the file itself. With one, the link is to be shown in place and cached as
    /// whoever makes the image says.</summary>
    public string? Process { get; init; }
}

/// <summary>Makes a link to an image that we make ourselves; null where we do not, so that OSS is to make it.</summary>
public delegate Uri? ImageLink(ObjectKey key, string process, TimeSpan lifetime);

/// <summary>A URL to read with.</summary>
public sealed record ReadLink(Uri Address, DateTimeOffset ExpiresAt);

/// <summary>URLs to read objects of a private bucket with. What a browser must not open stays a download whatever is asked for, and no media
/// type is ever changed: with either, a stored file would become a page on the bucket's origin.</summary>
public sealed class ReadLinks(GrantTerms terms, ImageLink images)
{
    /// <summary>A URL for an image's object; null where it has none in the store that clients can reach, or where V1 cannot sign
    /// it so that it is good for nothing else.</summary>
    public async Task<ReadLink?> SignAsync(ImageRecord image, ReadTerms read, CancellationToken cancellationToken)
    {
        if (image.Storage != terms.Store.Name || (image.Bucket.Length > 0 && image.Bucket != terms.Store.Bucket)
            || !ObjectKey.TryParse(image.Path, out var key))
            return null;

        // By our own clock, which judges it.
        var ownLife = terms.LifetimeOf(read.Lifetime, credentials: null);
        if (read.Process is { } process && images(key, process, ownLife) is { } link)
            return new ReadLink(link, terms.OwnNow + ownLife);
        if (!terms.HasOss)
            return null;

        var credentials = await terms.Oss.Credentials.GetAsync(cancellationToken);
        var lifetime = terms.LifetimeOf(read.Lifetime, credentials);
        var query = new List<KeyValuePair<string, string>>();
        if (read.Process is { } made)
            query.Add(KeyValuePair.Create("x-oss-process", made));
        else if (DispositionOf(image, read) is { } disposition)
            query.Add(KeyValuePair.Create("response-content-disposition", disposition));
        if (read is { Process: null, CacheControl: { } cache })
            query.Add(KeyValuePair.Create("response-cache-control", cache));
        var bound = new OssUrlTerms { Query = query };
        if (!terms.Oss.Presigner.CanSign(key, bound))
            return null;
        var address = await terms.Oss.Presigner.SignAsync(HttpMethod.Get, key, lifetime, bound, cancellationToken);
        return new ReadLink(terms.Outside(address), terms.Now + lifetime);
    }

    private static string? DispositionOf(ImageRecord image, ReadTerms read)
    {
        if (read.AsAttachment is null && read.FileName is null)
            return null;
        var type = FileTypeCatalog.All.FirstOrDefault(type => type.MediaType == image.MediaType);
        var name = OriginalName.TryParse(read.FileName ?? image.OriginalName, out var readable) ? readable : null;
        return type is null || !type.Inline || read.AsAttachment == true
            ? ContentDisposition.For(type ?? FileTypeCatalog.All[^1], name, always: true, keepName: true)
            : ContentDisposition.For(type, name, always: false, keepName: true) ?? "inline";
    }
}
