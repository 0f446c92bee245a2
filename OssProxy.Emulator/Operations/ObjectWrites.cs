using OssProxy.Emulator.Callbacks;
using OssProxy.Emulator.Errors;
using OssProxy.Emulator.Http;
using OssProxy.Emulator.Storage;

namespace OssProxy.Emulator.Operations;

/// <summary>PutObject and the deletions.</summary>
internal sealed class ObjectWrites(BucketStore store, EmulatorLimits limits, UploadCallbacks callbacks)
{
    private const int MaxDeletions = 1000;
    private const int MaxDeletionBytes = 2 << 20;

    public async Task<OssReply> PutAsync(OssRequest request, CancellationToken cancellationToken)
    {
        AttributeHeaders.RefuseUnknown(request, isCopy: false, takesCallback: true);
        var order = callbacks.Ordered(request);
        var attributes = AttributeHeaders.Read(request, limits.MaxMetadataBytes);
        var forbidOverwrite = AttributeHeaders.ForbidOverwrite(request);
        var bucket = store.Get(request.Bucket);
        if (forbidOverwrite && bucket.Find(request.Key) is not null)
        {
            // Refused before the body is sent; the check that counts is the one at the commit.
            throw OssErrors.FileAlreadyExists();
        }

        await using var blob = await BodyChecks.ReceiveAsync(request, bucket.TempFolder, limits.MaxObjectBytes, cancellationToken);
        var stored = bucket.Commit(blob, Described(request, blob, attributes), forbidOverwrite);
        var success = new OssReply(200)
        {
            Headers = { ETag = BodyChecks.Quoted(stored.ETag), ContentMD5 = stored.ContentMd5, ["x-oss-hash-crc64ecma"] = BodyChecks.Crc(stored.Crc64) },
        };
        return await callbacks.AnswerAsync(order, request, OssOperation.PutObject, stored, success);
    }

    /// <summary>An object that came in one piece.</summary>
    public static StoredObject Described(OssRequest request, BlobWriter blob, ObjectAttributes attributes) => new()
    {
        Key = request.Key,
        Length = blob.Length,
        ETag = blob.ETag,
        Crc64 = blob.Crc64,
        ContentMd5 = Convert.ToBase64String(blob.Md5),
        LastModified = request.Now,
        Attributes = attributes,
    };

    /// <summary>204 whether or not there was such a key; 404 only for the bucket.</summary>
    public OssReply Delete(OssRequest request)
    {
        store.Get(request.Bucket).Delete(request.Key);
        return new(204);
    }

    public async Task<OssReply> DeleteManyAsync(OssRequest request, CancellationToken cancellationToken)
    {
        var bucket = store.Get(request.Bucket);
        if (request.Body.IsUnframed)
            throw OssErrors.MissingContentLength();

        // The reference of 2021 asks for Content-MD5 on this operation.
        var md5 = BodyChecks.ContentMd5(request) ?? throw OssErrors.InvalidArgument("Missing required header for this request: Content-MD5.", "Content-MD5", "");
        var document = await request.Body.ReadDocumentAsync(MaxDeletionBytes, cancellationToken);
        BodyChecks.VerifyMd5(md5, System.Security.Cryptography.MD5.HashData(document), request);
        var encoding = ListParameters.Encoding(request.Query);
        var (keys, quiet) = RequestXml.Deletions(document);
        if (keys.Count is 0 or > MaxDeletions)
            throw OssErrors.MalformedXml("0016-00000608");

        // One key that may not be deleted refuses them all, before any is gone (E34).
        foreach (var key in keys)
            Authorization.CheckPolicy(request.Signer, OssOperation.DeleteObject, request.Bucket, key, request.Query);

        foreach (var key in keys)
            bucket.Delete(key);

        if (quiet)
            return new(200);

        var xml = new XmlText().Open("DeleteResult");
        if (encoding.IsUrl)
            xml.Element("EncodingType", "url");

        foreach (var key in keys)
            xml.Open("Deleted").Element("Key", encoding.Apply(key)).Close();

        return OssReply.Xml(xml);
    }
}
