using OssProxy.Emulator.Errors;
using OssProxy.Emulator.Storage;

namespace OssProxy.Emulator.Http;

/// <summary>What the unsigned may do: the ACLs decide, and never about buckets or listings. Whoever signs may do all.</summary>
internal static class Authorization
{
    private static readonly HashSet<OssOperation> Reads = [OssOperation.GetObject, OssOperation.HeadObject, OssOperation.GetObjectMeta];
    private static readonly HashSet<OssOperation> Writes =
    [
        OssOperation.PutObject, OssOperation.PostObject, OssOperation.DeleteObject, OssOperation.InitiateMultipartUpload, OssOperation.UploadPart,
        OssOperation.CompleteMultipartUpload, OssOperation.AbortMultipartUpload,
    ];

    public static void Check(OssOperation operation, RequestAddress address, SignatureForm signature, BucketStore store)
    {
        if (signature != SignatureForm.None)
            return;

        if (address.Bucket is null)
            throw OssErrors.AccessDenied("Anonymous access is forbidden for this operation.");

        var bucket = store.Get(address.Bucket);
        var acl = bucket.Description.Acl;
        if (Reads.Contains(operation) && bucket.Find(address.Key!)?.Attributes.Acl is { } own && own != "default")
            acl = own;

        var allowed = Reads.Contains(operation)
            ? acl is "public-read" or "public-read-write"
            : Writes.Contains(operation) && acl is "public-read-write";
        if (!allowed)
        {
            var reason = address.Key is null
                ? "Anonymous access is forbidden for this operation."
                : "You have no right to access this object because of bucket acl.";
            throw OssErrors.AccessDenied(reason, "0003-00000001");
        }
    }
}
