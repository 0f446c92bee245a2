using OssProxy.Core.Storage;

namespace OssProxy.Core.Oss;

/// <summary>What is kept beside the bytes of an object.</summary>
public sealed record OssObjectSettings
{
    /// <summary>The media type; null for the service's <c>application/octet-stream</c>.</summary>
    public string? ContentType { get; init; }

    public string? ContentDisposition { get; init; }

    public string? CacheControl { get; init; }

    /// <summary>What a put's body must be, Base64 of its MD5: the service compares before it stores (OSS API reference: PutObject). Sent with
    /// a put alone; null to leave it out.</summary>
    public string? ContentMd5 { get; init; }

    /// <summary>Refuse with 409 <c>FileAlreadyExists</c> when the key is taken. The service ignores it in versioned buckets. Default
    /// false.</summary>
    public bool ForbidOverwrite { get; init; }

    /// <summary>Who may read and write the object, in the service's words; null to leave it out, which for a new object is the bucket's
    /// <c>default</c>.</summary>
    public string? Acl { get; init; }

    /// <summary>User metadata, names without <c>x-oss-meta-</c>; names and values ASCII, 8 KB in all.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}

/// <summary>An object as the service describes it.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Length">Bytes of the whole object.</param>
/// <param name="ContentType">Its media type.</param>
/// <param name="ETag">Opaque, without quotes; an MD5 only for objects written in one piece.</param>
/// <param name="Crc64">Checksum of the whole; null for objects older than the feature.</param>
/// <param name="LastModified">When it was written, by the service's clock.</param>
/// <param name="Metadata">User metadata, names in lower case without <c>x-oss-meta-</c>.</param>
public sealed record OssObject(
    ObjectKey Key,
    long Length,
    string ContentType,
    string? ETag,
    ulong? Crc64,
    DateTimeOffset? LastModified,
    IReadOnlyDictionary<string, string> Metadata)
{
    public string? ContentDisposition { get; init; }

    public string? CacheControl { get; init; }

    public string? ContentEncoding { get; init; }

    /// <summary><c>Normal</c>, <c>Multipart</c>, <c>Appendable</c> or <c>Symlink</c>.</summary>
    public string? Type { get; init; }

    public string? StorageClass { get; init; }
}

/// <summary>An object that is being read; disposing it ends the transfer.</summary>
/// <param name="Source">The whole object.</param>
/// <param name="Body">The bytes; a failure of the store while reading is an <see cref="OssTransportException"/>.</param>
/// <param name="Range">What is delivered, both ends known; null for the whole object.</param>
public sealed record OssDownload(OssObject Source, Stream Body, ByteRange? Range) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Body.DisposeAsync();
}

/// <summary>What the service acknowledged: the checksum has been compared, where the service told one.</summary>
/// <param name="ETag">Opaque, without quotes.</param>
/// <param name="Crc64">Checksum of the whole object; null when neither the service nor the parts told one.</param>
/// <param name="Length">Its bytes.</param>
public sealed record OssStored(string? ETag, ulong? Crc64, long Length);

/// <summary>An entry of a listing. Its key may be one that <see cref="ObjectKey"/> refuses: others write into buckets too.</summary>
public sealed record OssListedObject(string Key, long Length, string? ETag, DateTimeOffset? LastModified, string? StorageClass);

/// <summary>What to list.</summary>
public sealed record OssListQuery
{
    public string? Prefix { get; init; }

    /// <summary>Keys that share what lies between the prefix and this are folded into one common prefix.</summary>
    public string? Delimiter { get; init; }

    /// <summary>Begin behind this key.</summary>
    public string? StartAfter { get; init; }

    /// <summary>From the page before.</summary>
    public string? ContinuationToken { get; init; }

    /// <summary>Keys and common prefixes in a page, 1–1000. Default 1000.</summary>
    public int MaxKeys { get; init; } = 1000;
}

/// <summary>A page of a listing, in byte order of the keys.</summary>
/// <param name="NextContinuationToken">Null on the last page.</param>
public sealed record OssListPage(
    IReadOnlyList<OssListedObject> Objects, IReadOnlyList<string> CommonPrefixes, string? NextContinuationToken);
