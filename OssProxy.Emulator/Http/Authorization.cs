using OssProxy.Emulator.Errors;
using OssProxy.Emulator.Policies;
using OssProxy.Emulator.Storage;

namespace OssProxy.Emulator.Http;

/// <summary>
/// What the unsigned may do: the ACLs decide, and never about buckets or listings. Whoever signs may do all, but for the holders of
/// temporary credentials that STS gave out: they may do what their role and their session policy both allow, whatever the ACL (E33).
/// </summary>
internal static class Authorization
{
    private static readonly HashSet<OssOperation> Reads = [OssOperation.GetObject, OssOperation.HeadObject, OssOperation.GetObjectMeta, OssOperation.ProcessObject];
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

    /// <summary>
    /// Whether the policies of a temporary credential allow an operation on that bucket and key. Asked for every signed request, and
    /// again for whatever else it touches: the source of a copy, the keys of a deletion.
    /// </summary>
    /// <param name="key">Null at bucket level.</param>
    /// <param name="query">What the conditions of a listing look at.</param>
    public static void CheckPolicy(EmulatorCredential? signer, OssOperation operation, string? bucket, string? key, QueryParameters query)
    {
        // The keys of a deletion of many stand in its body, and each is asked for by itself.
        if (signer?.Session is not { } session || operation == OssOperation.DeleteMultipleObjects)
            return;

        if (PolicyRequest.Of(operation, bucket, key, query, session.Region, session.Account) is not { } wanted || !session.Allow(wanted))
            throw OssErrors.DeniedByPolicy();
    }
}
