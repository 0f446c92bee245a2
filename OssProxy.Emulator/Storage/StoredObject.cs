namespace OssProxy.Emulator.Storage;

/// <summary>What is remembered of an object beside its bytes; written as one small JSON file.</summary>
internal sealed record StoredObject
{
    public required string Key { get; init; }

    /// <summary>Random file name in the bucket's blob folder; empty until the bytes have been put there.</summary>
    public string Blob { get; init; } = "";

    public required long Length { get; init; }

    /// <summary>Without quotes: MD5 in upper hex, or <c>…-N</c> after N parts.</summary>
    public required string ETag { get; init; }

    public required ulong Crc64 { get; init; }

    /// <summary>Base64; null for objects made of parts.</summary>
    public string? ContentMd5 { get; init; }

    public string Type { get; init; } = "Normal";

    public required DateTimeOffset LastModified { get; init; }

    public required ObjectAttributes Attributes { get; init; }
}

/// <summary>What the uploader said about an object and gets back on every read.</summary>
internal sealed record ObjectAttributes
{
    /// <summary>Content-Type, Content-Disposition and their kin, verbatim.</summary>
    public Dictionary<string, string> Headers { get; init; } = [];

    /// <summary>User metadata by lower-case name without <c>x-oss-meta-</c>.</summary>
    public Dictionary<string, string> Metadata { get; init; } = [];

    public string StorageClass { get; init; } = "Standard";

    /// <summary><c>default</c> follows the bucket.</summary>
    public string Acl { get; init; } = "default";
}

/// <summary>A multipart upload under way.</summary>
internal sealed record StoredUpload
{
    public required string UploadId { get; init; }

    public required string Key { get; init; }

    public required DateTimeOffset Initiated { get; init; }

    public required ObjectAttributes Attributes { get; init; }

    public bool ForbidOverwrite { get; init; }
}

/// <summary>One uploaded part; the same number again replaces it.</summary>
internal sealed record StoredPart
{
    public required int Number { get; init; }

    public required string Blob { get; init; }

    public required long Length { get; init; }

    public required string ETag { get; init; }

    public required ulong Crc64 { get; init; }

    public required DateTimeOffset LastModified { get; init; }
}
