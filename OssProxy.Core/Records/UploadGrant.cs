using OssProxy.Core.Storage;

namespace OssProxy.Core.Records;

/// <summary>The ways in which somebody may be let go to the store.</summary>
public enum GrantKind
{
    /// <summary>A form, posted to the store.</summary>
    Post,

    /// <summary>A signed URL for one put.</summary>
    Put,

    /// <summary>Signed URLs for the parts of one object.</summary>
    Parts,

    /// <summary>Temporary credentials.</summary>
    Sts,

    /// <summary>A form, posted to us as it would be to the store.</summary>
    Gateway,
}

/// <summary>A grant about to be given.</summary>
/// <param name="Token">Its name outside, not to be guessed.</param>
/// <param name="Path">One key; or what the keys begin with, ending in a slash.</param>
/// <param name="Sender">As whom it lets files in, in the words of whoever gives it.</param>
/// <param name="Owner">Whose the files will be; empty for a client that is not known.</param>
/// <param name="CountedAs">Under which name open grants are counted.</param>
public sealed record NewGrant(
    string Token, GrantKind Kind, string Store, string Bucket, string Path, string Sender, string Owner, string CountedAs)
{
    /// <summary>The class that the files are to go to; 0 for none.</summary>
    public long ClassId { get; init; }

    /// <summary>Least bytes of a file.</summary>
    public long MinBytes { get; init; } = 1;

    /// <summary>Most bytes of a file.</summary>
    public required long MaxBytes { get; init; }

    /// <summary>The client's name for the file; null when it has told none.</summary>
    public string? OriginalName { get; init; }

    /// <summary>The store's name for an upload in parts; null for any other.</summary>
    public string? UploadId { get; init; }

    /// <summary>Bytes of every part but the last; 0 for any other.</summary>
    public long PartBytes { get; init; }

    /// <summary>How long the store takes it.</summary>
    public required TimeSpan Lifetime { get; init; }
}

/// <summary>A grant that has been given, until what became of it is settled.</summary>
public sealed record UploadGrant(
    long Id, string Token, GrantKind Kind, string Store, string Bucket, string Path, string Sender, string Owner, long ClassId, long MinBytes,
    long MaxBytes, string? OriginalName, string? UploadId, long PartBytes, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt)
{
    /// <summary>When it was read, by the clock that the other times are of.</summary>
    public DateTimeOffset ReadAt { get; init; }

    /// <summary>Whether the store has reported an upload that could not be recorded at once: its uploader was told that it will be.</summary>
    public bool IsReported { get; init; }

    /// <summary>Whether it is for any key that begins with <see cref="Path"/>.</summary>
    public bool IsPrefix => Path.EndsWith('/');

    /// <summary>Whether a key is one of its own.</summary>
    public bool Covers(ObjectKey key) =>
        IsPrefix ? key.Value.Length > Path.Length && key.Value.StartsWith(Path, StringComparison.Ordinal) : key.Value == Path;
}

/// <summary>An object that has come by a grant and is let in.</summary>
/// <param name="Grant">The grant.</param>
/// <param name="Upload">What the record says of it.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Crc64">Its checksum, where the store tells one.</param>
public sealed record GrantedObject(UploadGrant Grant, NewUpload Upload, long Length, ulong? Crc64)
{
    /// <summary>When the store says that it was written last, to the second.</summary>
    public DateTimeOffset? WrittenAt { get; init; }

    /// <summary>SHA-256 of the content as 64 lower-case hexadecimal digits; null where it was not asked for.</summary>
    public string? Sha256 { get; init; }
}
