using System.Text;
using OssProxy.Emulator.Errors;
using OssProxy.Emulator.Http;
using OssProxy.Emulator.Storage;

namespace OssProxy.Emulator.Operations;

/// <summary>
/// What an uploader may say about an object in headers, on PutObject, CopyObject and InitiateMultipartUpload; and the
/// headers that would mean something which is not built here.
/// </summary>
internal static class AttributeHeaders
{
    private const string MetadataPrefix = "x-oss-meta-";
    private static readonly string[] Stored = ["Content-Type", "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Expires"];
    private static readonly string[] NotBuilt =
    [
        "x-oss-tagging", "x-oss-tagging-directive", "x-oss-server-side-encryption",
        "x-oss-server-side-encryption-key-id", "x-oss-server-side-data-encryption", "x-oss-traffic-limit", "x-oss-symlink-target", "x-oss-process",
    ];

    private static readonly string[] Callbacks = ["x-oss-callback", "x-oss-callback-var"];
    private static readonly string[] ReadConditions = ["If-Modified-Since", "If-Unmodified-Since", "If-Match", "If-None-Match"];
    private static readonly HashSet<string> Acls = new(StringComparer.Ordinal) { "default", "private", "public-read", "public-read-write" };

    public static ObjectAttributes Read(OssRequest request, int maximumMetadataBytes)
    {
        var headers = Stored.Where(name => request.Header(name) is not null).ToDictionary(name => name, name => request.Header(name)!);
        headers.TryAdd("Content-Type", "application/octet-stream");
        var metadata = request.Headers
            .Where(h => h.Key.StartsWith(MetadataPrefix, StringComparison.OrdinalIgnoreCase))
            .ToDictionary(h => h.Key[MetadataPrefix.Length..].ToLowerInvariant(), h => h.Value.ToString().Trim());
        if (metadata.Sum(m => Encoding.UTF8.GetByteCount(m.Key) + Encoding.UTF8.GetByteCount(m.Value)) > maximumMetadataBytes)
            throw OssErrors.InvalidArgument($"The total size of user metadata exceeds {maximumMetadataBytes} bytes.", "x-oss-meta", "");

        return new()
        {
            Headers = headers,
            Metadata = metadata,
            StorageClass = StorageClass(request),
            Acl = Acl(request, "x-oss-object-acl", Acls) ?? "default",
        };
    }

    /// <summary>Refuses what a write cannot honour: silence would let a client believe it was done.</summary>
    public static void RefuseUnknown(OssRequest request, bool isCopy, bool takesCallback = false)
    {
        var named = NotBuilt.Concat(isCopy ? [] : ReadConditions).Concat(takesCallback ? [] : Callbacks).FirstOrDefault(name => request.Header(name) is not null);
        if (named is not null)
            throw OssErrors.HeaderNotImplemented(named, request.Header(named)!);
    }

    /// <summary>Absent is false; anything but true and false is refused (EC 0017-00000279).</summary>
    public static bool ForbidOverwrite(OssRequest request) => request.Header("x-oss-forbid-overwrite") switch
    {
        null or "false" => false,
        "true" => true,
        var other => throw OssErrors.InvalidArgument("The value of x-oss-forbid-overwrite must be true or false.", "x-oss-forbid-overwrite", other, "0017-00000279"),
    };

    /// <summary>Null when the header is absent.</summary>
    public static string? Acl(OssRequest request, string header, IReadOnlySet<string> allowed) => request.Header(header) switch
    {
        null => null,
        var acl when allowed.Contains(acl) => acl,
        var other => throw OssErrors.InvalidArgument("The acl is invalid.", header, other),
    };

    public static void Write(StoredObject stored, OssReply reply)
    {
        foreach (var (name, value) in stored.Attributes.Headers)
            reply.Headers[name] = value;

        foreach (var (name, value) in stored.Attributes.Metadata)
            reply.Headers[MetadataPrefix + name] = value;
    }

    private static string StorageClass(OssRequest request) => request.Header("x-oss-storage-class") switch
    {
        null => "Standard",
        ("Standard" or "IA") and var named => named,

        // Reading these back needs a restore, which is not built.
        ("Archive" or "ColdArchive" or "DeepColdArchive") and var cold => throw OssErrors.HeaderNotImplemented("x-oss-storage-class", cold),
        var other => throw OssErrors.InvalidArgument("The storage class is invalid.", "x-oss-storage-class", other),
    };
}
