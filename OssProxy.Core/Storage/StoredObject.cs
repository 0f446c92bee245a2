namespace OssProxy.Core.Storage;

/// <summary>What is to be stored: a body and what is kept beside it.</summary>
public sealed record ObjectContent
{
    /// <summary>The bytes. Read from its current position to its end, never disposed. A seekable body is rewound and sent again when an
    /// attempt fails in a way that can be repeated; any other is sent once.</summary>
    public required Stream Body { get; init; }

    /// <summary>Bytes in <see cref="Body"/>; null when unknown (the body then goes out chunked).</summary>
    public long? Length { get; init; }

    /// <summary>The most bytes that <see cref="Body"/> can hold, as whoever sends it has announced; null when nothing is known.</summary>
    public long? LengthLimit { get; init; }

    /// <summary>The MD5 of the bytes, 16 bytes in Base64, for a store that checks it; null when it is not known beforehand.</summary>
    public string? ContentMd5 { get; init; }

    /// <summary>The media type returned with the object.</summary>
    public required string ContentType { get; init; }

    /// <summary>The <c>Content-Disposition</c> returned with the object, ASCII; null for none.</summary>
    public string? ContentDisposition { get; init; }

    /// <summary>The <c>Cache-Control</c> returned with the object; null for none.</summary>
    public string? CacheControl { get; init; }

    /// <summary>Refuse with <see cref="StoreError.ObjectExists"/> when the key is taken. Default true: keys are made to be unique.</summary>
    public bool ForbidOverwrite { get; init; } = true;
}

/// <summary>An object as its store describes it.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Length">Its size in bytes.</param>
/// <param name="ContentType">Its media type.</param>
/// <param name="ETag">The store's opaque tag without quotes; null when the store gives none.</param>
/// <param name="Crc64">CRC-64/XZ of the content; null when the store does not tell.</param>
/// <param name="LastModified">When it was stored; null when the store does not tell.</param>
public sealed record StoredObject(
    ObjectKey Key, long Length, string ContentType, string? ETag, ulong? Crc64, DateTimeOffset? LastModified)
{
    /// <summary>The <c>Content-Disposition</c> returned with the object; null when it has none or the store does not tell.</summary>
    public string? ContentDisposition { get; init; }

    /// <summary>The <c>Cache-Control</c> returned with the object; null when it has none or the store does not tell.</summary>
    public string? CacheControl { get; init; }
}

/// <summary>One range of bytes, both ends included. <paramref name="To"/> null, or beyond the end, means to the end.</summary>
public readonly record struct ByteRange(long From, long? To);

/// <summary>An object opened for reading; disposing it ends the transfer.</summary>
public sealed class ObjectReading(StoredObject source, Stream body, ByteRange? range) : IAsyncDisposable
{
    /// <summary>The whole object that is read from.</summary>
    public StoredObject Source { get; } = source;

    /// <summary>The bytes of <see cref="Range"/>, or of the whole object.</summary>
    public Stream Body { get; } = body;

    /// <summary>The range that is delivered, with both ends known; null for the whole object.</summary>
    public ByteRange? Range { get; } = range;

    public ValueTask DisposeAsync() => Body.DisposeAsync();
}
