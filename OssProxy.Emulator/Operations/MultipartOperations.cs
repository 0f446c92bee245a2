using System.Security.Cryptography;
using System.Text;
using OssProxy.Emulator.Callbacks;
using OssProxy.Emulator.Errors;
using OssProxy.Emulator.Http;
using OssProxy.Emulator.Storage;

namespace OssProxy.Emulator.Operations;

/// <summary>The life of a multipart upload: initiate, parts, complete or abort.</summary>
internal sealed class MultipartOperations(BucketStore store, EmulatorLimits limits, UploadCallbacks callbacks)
{
    private const int MaxPartListBytes = 2 << 20;

    public async Task<OssReply> InitiateAsync(OssRequest request, CancellationToken cancellationToken)
    {
        AttributeHeaders.RefuseUnknown(request, isCopy: false);
        var encoding = ListParameters.Encoding(request.Query);
        var attributes = AttributeHeaders.Read(request, limits.MaxMetadataBytes);
        var forbidOverwrite = AttributeHeaders.ForbidOverwrite(request);
        var bucket = store.Get(request.Bucket);
        if (forbidOverwrite && bucket.Find(request.Key) is not null)
            throw OssErrors.FileAlreadyExists();

        await request.Body.DiscardAsync(cancellationToken);
        var upload = bucket.Uploads.Start(request.Key, attributes, forbidOverwrite, request.Now);
        return OssReply.Xml(Encoded(new XmlText().Open("InitiateMultipartUploadResult"), encoding)
            .Element("Bucket", request.Bucket).Element("Key", encoding.Apply(request.Key)).Element("UploadId", upload.UploadId));
    }

    public async Task<OssReply> UploadPartAsync(OssRequest request, CancellationToken cancellationToken)
    {
        var (uploadId, number) = PartAddress.Of(request);
        var bucket = store.Get(request.Bucket);
        bucket.Uploads.Find(uploadId, request.Key);
        await using var blob = await BodyChecks.ReceiveAsync(request, bucket.TempFolder, limits.MaxObjectBytes, cancellationToken);
        var part = bucket.Uploads.AddPart(uploadId, request.Key, number, blob, request.Now);
        return new(200)
        {
            Headers =
            {
                ETag = BodyChecks.Quoted(part.ETag),
                ContentMD5 = Convert.ToBase64String(blob.Md5),
                ["x-oss-hash-crc64ecma"] = BodyChecks.Crc(part.Crc64),
            },
        };
    }

    public OssReply Abort(OssRequest request)
    {
        store.Get(request.Bucket).Uploads.Abort(request.Query["uploadId"]!, request.Key);
        return new(204);
    }

    /// <summary>Once the list of parts has been read the work goes on although the client may leave (CompleteMultipartUpload reference).</summary>
    public async Task<OssReply> CompleteAsync(OssRequest request, CancellationToken cancellationToken)
    {
        AttributeHeaders.RefuseUnknown(request, isCopy: false, takesCallback: true);
        var order = callbacks.Ordered(request);
        var encoding = ListParameters.Encoding(request.Query);
        var bucket = store.Get(request.Bucket);
        var uploadId = request.Query["uploadId"]!;
        bucket.Uploads.Find(uploadId, request.Key);
        var document = await request.Body.ReadDocumentAsync(MaxPartListBytes, cancellationToken);
        var acl = AttributeHeaders.Read(request, limits.MaxMetadataBytes).Acl;
        var forbidOverwrite = AttributeHeaders.ForbidOverwrite(request);

        using var completion = bucket.Uploads.BeginCompletion(uploadId, request.Key);
        var parts = Choose(request, document, completion);
        forbidOverwrite |= completion.Upload.ForbidOverwrite;
        if (forbidOverwrite && bucket.Find(request.Key) is not null)
            throw OssErrors.FileAlreadyExists();

        await using var blob = new BlobWriter(bucket.TempFolder);
        var crc = 0UL;
        foreach (var part in parts)
        {
            await using var bytes = completion.Open(part);
            await blob.CopyAsync(bytes, part.Length, CancellationToken.None);
            crc = Crc64.Combine(crc, part.Crc64, part.Length);
        }

        if (crc != blob.Crc64)
            throw new InvalidDataException("The parts on disk are not those that were received.");

        var stored = bucket.Commit(
            blob,
            new()
            {
                Key = request.Key,
                Length = blob.Length,
                ETag = CombinedETag(parts),
                Crc64 = crc,
                Type = "Multipart",
                LastModified = request.Now,
                Attributes = completion.Upload.Attributes with { Acl = acl },
            },
            forbidOverwrite);
        completion.Finish();
        return await callbacks.AnswerAsync(order, request, OssOperation.CompleteMultipartUpload, stored, Completed(request, stored, encoding));
    }

    private static OssReply Completed(OssRequest request, StoredObject stored, KeyEncoding encoding)
    {
        var reply = OssReply.Xml(Encoded(new XmlText().Open("CompleteMultipartUploadResult"), encoding)
            .Element("Location", request.Address.UrlOf(request.Bucket, request.Key))
            .Element("Bucket", request.Bucket)
            .Element("Key", encoding.Apply(request.Key))
            .Element("ETag", BodyChecks.Quoted(stored.ETag)));
        reply.Headers.ETag = BodyChecks.Quoted(stored.ETag);
        reply.Headers["x-oss-hash-crc64ecma"] = BodyChecks.Crc(stored.Crc64);
        return reply;
    }

    private List<StoredPart> Choose(OssRequest request, byte[] document, MultipartUploads.Completion completion)
    {
        List<StoredPart> parts;
        if (request.Header("x-oss-complete-all") is { } all)
        {
            if (!all.Equals("yes", StringComparison.OrdinalIgnoreCase))
                throw OssErrors.InvalidArgument("The value of x-oss-complete-all must be yes.", "x-oss-complete-all", all);

            if (document.Length > 0)
                throw OssErrors.InvalidArgument("Should not specify both complete-all header and http body.", errorCode: "0042-00000216");

            parts = [.. completion.Parts];
            if (parts.Count == 0)
                throw OssErrors.MalformedXml("0042-00000205");
        }
        else
        {
            parts = Named(RequestXml.Parts(document), completion);
        }

        // Not checked when a part comes, since nobody knows then which will be the last.
        foreach (var part in parts.SkipLast(1).Where(p => p.Length < limits.MinPartBytes))
            throw OssErrors.EntityTooSmall(part.Number, part.Length, limits.MinPartBytes);

        return parts;
    }

    private static List<StoredPart> Named(IReadOnlyList<(int Number, string ETag)> named, MultipartUploads.Completion completion)
    {
        var known = completion.Parts.ToDictionary(p => p.Number);
        var parts = new List<StoredPart>(named.Count);
        var previous = 0;
        foreach (var (number, etag) in named)
        {
            if (number <= previous)
                throw OssErrors.InvalidPartOrder();

            previous = number;
            parts.Add(known.TryGetValue(number, out var part) && part.ETag.Equals(etag, StringComparison.OrdinalIgnoreCase)
                ? part
                : throw OssErrors.InvalidPart(completion.Upload.UploadId, number, etag));
        }

        return parts;
    }

    // The service's formula is not published; only the shape "…-N" may be relied upon.
    private static string CombinedETag(List<StoredPart> parts) =>
        $"{Convert.ToHexString(MD5.HashData(Encoding.ASCII.GetBytes(string.Concat(parts.Select(p => p.ETag)))))}-{parts.Count}";

    private static XmlText Encoded(XmlText xml, KeyEncoding encoding) => encoding.IsUrl ? xml.Element("EncodingType", "url") : xml;
}
