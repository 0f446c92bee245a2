using OssProxy.Emulator.Errors;
using OssProxy.Emulator.Http;
using OssProxy.Emulator.Storage;

namespace OssProxy.Emulator.Operations;

/// <summary>CopyObject and UploadPartCopy.</summary>
internal sealed class ObjectCopies(BucketStore store, EmulatorLimits limits)
{
    private const string ConditionPrefix = "x-oss-copy-source-";

    public async Task<OssReply> CopyAsync(OssRequest request, CancellationToken cancellationToken)
    {
        AttributeHeaders.RefuseUnknown(request, isCopy: true);
        var (sourceBucket, sourceKey) = ReadableSource(request);
        var replaces = Directive(request);
        var attributes = AttributeHeaders.Read(request, limits.MaxMetadataBytes);
        var forbidOverwrite = AttributeHeaders.ForbidOverwrite(request);
        var target = store.Get(request.Bucket);
        await using var source = store.Get(sourceBucket).Open(sourceKey) ?? throw OssErrors.NoSuchKey(sourceKey);
        if (ReadConditions.IsNotModified(request, source.Object, ConditionPrefix))
            return new(304);

        if (sourceBucket == request.Bucket && sourceKey == request.Key)
            return ToItself(request, target, attributes, forbidOverwrite);

        if (source.Object.Length > limits.MaxCopyBytes)
            throw OssErrors.EntityTooLarge(limits.MaxCopyBytes);

        await using var blob = new BlobWriter(target.TempFolder);
        await blob.CopyAsync(source.Bytes, source.Object.Length, cancellationToken);
        var stored = target.Commit(
            blob,
            source.Object with { Key = request.Key, LastModified = request.Now, Attributes = replaces ? attributes : Inherited(source.Object, attributes, request) },
            forbidOverwrite);
        return Result(stored);
    }

    /// <summary>The part holds the named range of the source; a range that does not fit means the whole source.</summary>
    public async Task<OssReply> CopyPartAsync(OssRequest request, CancellationToken cancellationToken)
    {
        var (uploadId, number) = PartAddress.Of(request);
        var (sourceBucket, sourceKey) = ReadableSource(request);
        var bucket = store.Get(request.Bucket);
        bucket.Uploads.Find(uploadId, request.Key);
        await using var source = store.Get(sourceBucket).Open(sourceKey) ?? throw OssErrors.NoSuchKey(sourceKey);
        if (ReadConditions.IsNotModified(request, source.Object, ConditionPrefix))
            return new(304);

        var (offset, length) = (0L, source.Object.Length);
        if (request.Header("x-oss-copy-source-range") is { } range && ByteRange.Parse(range) is ({ } first, { } last) && last < source.Object.Length)
            (offset, length) = (first, last - first + 1);

        if (length > limits.MaxObjectBytes)
            throw OssErrors.EntityTooLarge(limits.MaxObjectBytes);

        source.Bytes.Position = offset;
        await using var blob = new BlobWriter(bucket.TempFolder);
        await blob.CopyAsync(source.Bytes, length, cancellationToken);
        var part = bucket.Uploads.AddPart(uploadId, request.Key, number, blob, request.Now);
        return OssReply.Xml(new XmlText().Open("CopyPartResult").Element("LastModified", part.LastModified).Element("ETag", BodyChecks.Quoted(part.ETag)));
    }

    // Only the description changes, and the request's is taken whatever the directive says (CopyObject reference).
    private static OssReply ToItself(OssRequest request, Bucket bucket, ObjectAttributes attributes, bool forbidOverwrite)
    {
        if (forbidOverwrite)
            throw OssErrors.FileAlreadyExists();

        var changed = bucket.Describe(request.Key, stored => stored with { Attributes = attributes, LastModified = request.Now });
        return Result(changed ?? throw OssErrors.NoSuchKey(request.Key));
    }

    // ACL and storage class belong to the copy, not to what is copied.
    private static ObjectAttributes Inherited(StoredObject source, ObjectAttributes asked, OssRequest request) => source.Attributes with
    {
        Acl = asked.Acl,
        StorageClass = request.Header("x-oss-storage-class") is null ? source.Attributes.StorageClass : asked.StorageClass,
    };

    private static bool Directive(OssRequest request) => request.Header("x-oss-metadata-directive") switch
    {
        null => false,
        var copy when copy.Equals("COPY", StringComparison.OrdinalIgnoreCase) => false,
        var replace when replace.Equals("REPLACE", StringComparison.OrdinalIgnoreCase) => true,
        var other => throw OssErrors.InvalidArgument("The metadata directive is invalid.", "x-oss-metadata-directive", other),
    };

    // A copy reads its source: before it is told whether there is one.
    private static (string Bucket, string Key) ReadableSource(OssRequest request)
    {
        var (bucket, key) = Source(request);
        Authorization.CheckPolicy(request.Signer, OssOperation.GetObject, bucket, key, request.Query);
        return (bucket, key);
    }

    private static (string Bucket, string Key) Source(OssRequest request)
    {
        var header = request.Header("x-oss-copy-source") ?? "";
        if (header.Contains("?versionId=", StringComparison.Ordinal))
            throw OssErrors.ResourceNotImplemented("versionId");

        var slash = header.StartsWith('/') ? header.IndexOf('/', 1) : -1;
        return slash > 1 && slash < header.Length - 1 && BucketName.IsValid(header[1..slash])
            ? (header[1..slash], RequestAddress.KeyOf(header.AsSpan(slash + 1)))
            : throw OssErrors.InvalidArgument("Copy Source must mention the source bucket and key: /sourcebucket/sourcekey.", "x-oss-copy-source", header);
    }

    private static OssReply Result(StoredObject stored)
    {
        var reply = OssReply.Xml(new XmlText().Open("CopyObjectResult").Element("ETag", BodyChecks.Quoted(stored.ETag)).Element("LastModified", stored.LastModified));
        reply.Headers.ETag = BodyChecks.Quoted(stored.ETag);
        reply.Headers["x-oss-hash-crc64ecma"] = BodyChecks.Crc(stored.Crc64);
        return reply;
    }
}
