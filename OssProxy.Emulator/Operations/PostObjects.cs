using OssProxy.Emulator.Callbacks;
using OssProxy.Emulator.Errors;
using OssProxy.Emulator.Http;
using OssProxy.Emulator.Posts;
using OssProxy.Emulator.Storage;

namespace OssProxy.Emulator.Operations;

/// <summary>PostObject: the upload of a browser's form. Its fields have been read and their policy checked; the file streams through here.</summary>
internal sealed class PostObjects(BucketStore store, EmulatorLimits limits, UploadCallbacks callbacks)
{
    public async Task<OssReply> PostAsync(OssRequest request, CancellationToken cancellationToken)
    {
        var form = request.Form!;
        var (minimum, maximum) = request.FileSize;
        var described = request with { Headers = FormHeaders.Of(form, request.Headers) };
        AttributeHeaders.RefuseUnknown(described, isCopy: false);
        var attributes = AttributeHeaders.Read(described, limits.MaxMetadataBytes);
        var forbidOverwrite = AttributeHeaders.ForbidOverwrite(described);
        var answer = PostAnswer.Of(form);
        var order = callbacks.Ordered(request);

        // Of the whole form, boundaries included.
        var md5 = BodyChecks.ContentMd5(request);
        var bucket = store.Get(request.Bucket);
        if (forbidOverwrite && bucket.Find(request.Key) is not null)
        {
            // Refused before the body is sent; the check that counts is the one at the commit.
            throw OssErrors.FileAlreadyExists();
        }

        await using var blob = new BlobWriter(bucket.TempFolder);
        await form.CopyFileAsync(blob.WriteAsync, Math.Min(maximum, limits.MaxObjectBytes), cancellationToken);
        if (blob.Length < minimum)
            throw PostErrors.EntityTooSmall(blob.Length, minimum);

        BodyChecks.VerifyMd5(md5, form.BodyMd5(), request);
        var stored = bucket.Commit(blob, ObjectWrites.Described(request, blob, attributes), forbidOverwrite);
        var reply = answer.Reply(request.Address.UrlOf(request.Bucket, request.Key), request.Bucket, request.Key, BodyChecks.Quoted(stored.ETag));
        reply.Headers.ETag = BodyChecks.Quoted(stored.ETag);
        reply.Headers["x-oss-hash-crc64ecma"] = BodyChecks.Crc(stored.Crc64);
        return await callbacks.AnswerAsync(order, request, OssOperation.PostObject, stored, reply);
    }
}
