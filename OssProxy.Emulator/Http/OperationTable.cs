using OssProxy.Emulator.Callbacks;
using OssProxy.Emulator.Operations;
using OssProxy.Emulator.Processing;
using OssProxy.Emulator.Storage;

namespace OssProxy.Emulator.Http;

/// <summary>Which code does which operation.</summary>
internal sealed class OperationTable(BucketStore store, EmulatorOptions options, CrossOrigin crossOrigin, UploadCallbacks callbacks, ImageService images)
{
    private readonly BucketOperations _buckets = new(store, options.Region);
    private readonly ObjectListings _listings = new(store);
    private readonly ObjectReads _reads = new(store);
    private readonly ObjectWrites _writes = new(store, options.Limits, callbacks);
    private readonly PostObjects _posts = new(store, options.Limits, callbacks);
    private readonly ObjectCopies _copies = new(store, options.Limits);
    private readonly MultipartOperations _multipart = new(store, options.Limits, callbacks);
    private readonly MultipartListings _multipartListings = new(store);

    public async Task<OssReply> RunAsync(OssOperation operation, OssRequest request, CancellationToken cancellationToken) => operation switch
    {
        OssOperation.ListBuckets => _buckets.List(request),
        OssOperation.PutBucket => await _buckets.PutAsync(request, cancellationToken),
        OssOperation.DeleteBucket => _buckets.Delete(request),
        OssOperation.GetBucketInfo => _buckets.Describe(request),
        OssOperation.GetBucketLocation => _buckets.Where(request),
        OssOperation.ListObjects => _listings.V1(request),
        OssOperation.ListObjectsV2 => _listings.V2(request),
        OssOperation.ListMultipartUploads => _multipartListings.Uploads(request),
        OssOperation.DeleteMultipleObjects => await _writes.DeleteManyAsync(request, cancellationToken),
        OssOperation.PutObject => await _writes.PutAsync(request, cancellationToken),
        OssOperation.PostObject => await _posts.PostAsync(request, cancellationToken),
        OssOperation.CopyObject => await _copies.CopyAsync(request, cancellationToken),
        OssOperation.GetObject or OssOperation.HeadObject => await _reads.GetAsync(request),
        OssOperation.ProcessObject or OssOperation.PostProcessObject => await images.AskAsync(request, cancellationToken),
        OssOperation.GetObjectMeta => _reads.Meta(request),
        OssOperation.DeleteObject => _writes.Delete(request),
        OssOperation.InitiateMultipartUpload => await _multipart.InitiateAsync(request, cancellationToken),
        OssOperation.UploadPart => await _multipart.UploadPartAsync(request, cancellationToken),
        OssOperation.UploadPartCopy => await _copies.CopyPartAsync(request, cancellationToken),
        OssOperation.CompleteMultipartUpload => await _multipart.CompleteAsync(request, cancellationToken),
        OssOperation.AbortMultipartUpload => _multipart.Abort(request),
        OssOperation.ListParts => _multipartListings.Parts(request),
        OssOperation.OptionObject => crossOrigin.Preflight(request.Headers),
        _ => throw new InvalidOperationException($"No code for {operation}."),
    };
}
