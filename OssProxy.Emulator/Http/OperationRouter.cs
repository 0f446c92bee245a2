using OssProxy.Emulator.Errors;

namespace OssProxy.Emulator.Http;

/// <summary>
/// Which operation a request asks for. A sub-resource that is known to OSS but not built here, or one written bare
/// and known to nobody, is refused: taking <c>PUT /key?acl</c> for a write of the object would destroy it.
/// </summary>
internal static class OperationRouter
{
    // Parameters that refine an operation without choosing one.
    private static readonly HashSet<string> Refining = new(StringComparer.Ordinal)
    {
        "prefix", "delimiter", "marker", "max-keys", "list-type", "start-after", "continuation-token", "fetch-owner", "encoding-type",
        "key-marker", "upload-id-marker", "max-uploads", "max-parts", "part-number-marker", "security-token", "OSSAccessKeyId", "Expires",
        "Signature", "response-content-type", "response-content-language", "response-expires", "response-cache-control",
        "response-content-disposition", "response-content-encoding", "x-oss-signature-version", "x-oss-credential", "x-oss-date",
        "x-oss-expires", "x-oss-signature", "x-oss-additional-headers", "x-oss-security-token", "x-oss-request-payer", "callback", "callback-var",
    };

    private static readonly HashSet<string> Built = new(StringComparer.Ordinal)
    {
        "uploads", "uploadId", "partNumber", "objectMeta", "bucketInfo", "location", "delete", "x-oss-process",
    };

    private static readonly HashSet<string> NotBuilt = new(StringComparer.Ordinal)
    {
        "acl", "cors", "logging", "website", "referer", "lifecycle", "append", "position", "tagging", "img", "style", "styleName",
        "replication", "replicationProgress", "replicationLocation", "cname", "comp", "qos", "qosInfo", "live", "status", "vod", "startTime",
        "endTime", "symlink", "restore", "stat", "encryption", "versioning", "versionId", "versions", "policy", "policyStatus",
        "requestPayment", "inventory", "inventoryId", "worm", "wormId", "wormExtend", "asyncFetch", "sequential",
        "regionList", "regions", "cloudboxes", "resourceGroup", "transferAcceleration", "metaQuery", "accessPoint", "accessPointPolicy",
        "publicAccessBlock", "bucketArchiveDirectRead", "httpsConfig", "redundancyTransition", "processConfiguration", "vpcip", "vip", "seal",
        "udf", "udfName", "udfImage", "udfId", "udfImageDesc", "udfApplication", "udfApplicationLog", "group", "link", "objectInfo",
        "qosRequester", "requesterQosInfo", "resourcePool", "resourcePoolInfo", "resourcePoolBuckets", "cleanRestoredObject",
    };

    /// <exception cref="OssException">501 for what is not built, 405 for a method that the resource does not have.</exception>
    public static OssOperation Resolve(string method, RequestAddress address, bool hasCopySource)
    {
        if (method == "OPTIONS")
            return OssOperation.OptionObject;

        if (method is not ("GET" or "HEAD" or "PUT" or "POST" or "DELETE"))
            throw OssErrors.MethodNotAllowed(method, ResourceOf(address));

        foreach (var parameter in address.Query.Items)
        {
            var refined = Refining.Contains(parameter.Name) || Built.Contains(parameter.Name);
            if (!refined && (parameter.Value is null || NotBuilt.Contains(parameter.Name) || parameter.Name.StartsWith("x-oss-", StringComparison.Ordinal)))
                throw OssErrors.ResourceNotImplemented(parameter.Name);
        }

        // The sub-resources that are there, in one order, so that each combination is one word.
        var chosen = string.Join('+', Built.Where(address.Query.Has).Order(StringComparer.Ordinal));
        var operation = address switch
        {
            { Bucket: null } => Service(method, chosen),
            { Key: null } => OfBucket(method, chosen, address.Query),
            _ => OfObject(method, chosen, hasCopySource),
        };

        // A form has its callback in a field; nothing else is called back about.
        return operation is OssOperation.PutObject or OssOperation.CompleteMultipartUpload || !address.Query.Has("callback")
            ? operation
            : throw OssErrors.ResourceNotImplemented("callback");
    }

    private static OssOperation Service(string method, string chosen) => (method, chosen) switch
    {
        ("GET", "") => OssOperation.ListBuckets,
        (_, "") => throw OssErrors.MethodNotAllowed(method, "Service"),
        _ => throw OssErrors.ResourceNotImplemented(chosen),
    };

    private static OssOperation OfBucket(string method, string chosen, QueryParameters query) => (method, chosen) switch
    {
        ("GET", "") => query["list-type"] switch
        {
            null => OssOperation.ListObjects,
            "2" => OssOperation.ListObjectsV2,
            var other => throw OssErrors.InvalidArgument("The list-type is invalid.", "list-type", other),
        },
        ("PUT", "") => OssOperation.PutBucket,
        ("DELETE", "") => OssOperation.DeleteBucket,
        ("GET", "bucketInfo") => OssOperation.GetBucketInfo,
        ("GET", "location") => OssOperation.GetBucketLocation,
        ("GET", "uploads") => OssOperation.ListMultipartUploads,
        ("POST", "delete") => OssOperation.DeleteMultipleObjects,
        ("POST", "") => OssOperation.PostObject,
        ("HEAD", "") => throw OssErrors.ResourceNotImplemented("HeadBucket"),
        _ => throw OssErrors.MethodNotAllowed(method, "Bucket"),
    };

    private static OssOperation OfObject(string method, string chosen, bool hasCopySource) => (method, chosen) switch
    {
        ("PUT", "") => hasCopySource ? OssOperation.CopyObject : OssOperation.PutObject,
        ("GET", "") => OssOperation.GetObject,
        ("HEAD", "") => OssOperation.HeadObject,
        ("GET" or "HEAD", "x-oss-process") => OssOperation.ProcessObject,
        ("POST", "x-oss-process") => OssOperation.PostProcessObject,
        ("HEAD", "objectMeta") => OssOperation.GetObjectMeta,
        ("DELETE", "") => OssOperation.DeleteObject,
        ("POST", "uploads") => OssOperation.InitiateMultipartUpload,
        ("PUT", "partNumber+uploadId") => hasCopySource ? OssOperation.UploadPartCopy : OssOperation.UploadPart,
        ("POST", "uploadId") => OssOperation.CompleteMultipartUpload,
        ("DELETE", "uploadId") => OssOperation.AbortMultipartUpload,
        ("GET", "uploadId") => OssOperation.ListParts,
        ("PUT", "uploadId") => throw OssErrors.InvalidArgument("Unexpected query string parameter", "partNumber", "", "0017-00000219"),
        ("PUT", "partNumber") => throw OssErrors.InvalidArgument("This operation must specify the upload id.", "uploadId", ""),
        _ => throw OssErrors.MethodNotAllowed(method, "Object"),
    };

    private static string ResourceOf(RequestAddress address) => address switch
    {
        { Bucket: null } => "Service",
        { Key: null } => "Bucket",
        _ => "Object",
    };
}
