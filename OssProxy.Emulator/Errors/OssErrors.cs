using System.Globalization;

namespace OssProxy.Emulator.Errors;

/// <summary>
/// The closed list of refusals, with the service's own wording and EC numbers (OSS error-code pages). An EC
/// that is not published is left out rather than invented.
/// </summary>
internal static class OssErrors
{
    public static OssException InvalidArgument(string message, string? argument = null, string? value = null, string? errorCode = null)
    {
        var error = new OssException(400, "InvalidArgument", message, errorCode);
        return argument is null ? error : error.With("ArgumentName", argument).With("ArgumentValue", value ?? "");
    }

    public static OssException InvalidBucketName(string name) =>
        new OssException(400, "InvalidBucketName", "The specified bucket is not valid.").With("BucketName", name);

    public static OssException InvalidObjectName(string key) =>
        new OssException(400, "InvalidObjectName", "The specified object is not valid.", "0016-00000002").With("ObjectName", key);

    public static OssException InvalidDigest(string given, string? calculated, string errorCode)
    {
        var error = new OssException(400, "InvalidDigest", "The Content-MD5 you specified was invalid.", errorCode).With("Content-MD5", given);
        return calculated is null ? error : error.With("Calculated-MD5", calculated);
    }

    public static OssException InvalidCrc64() =>
        new(400, "InvalidCRC64", "The x-oss-hash-crc64ecma you specified does not match what we calculated.");

    public static OssException IncompleteBody() => new OssException(
        400, "IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header.", "0017-00000505").Closing();

    public static OssException RequestTimeout() => new OssException(
        400, "RequestTimeout", "Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed.").Closing();

    public static OssException EntityTooLarge(long maximum) =>
        new OssException(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size.")
            .With("MaxSizeAllowed", maximum.ToString(CultureInfo.InvariantCulture)).Closing();

    public static OssException EntityTooSmall(int partNumber, long proposed, long minimum) =>
        new OssException(400, "EntityTooSmall", "Your proposed upload smaller than the minimum allowed size.", "0042-00000213")
            .With("ProposedSize", proposed.ToString(CultureInfo.InvariantCulture))
            .With("MinSizeAllowed", minimum.ToString(CultureInfo.InvariantCulture))
            .With("PartNumber", partNumber.ToString(CultureInfo.InvariantCulture));

    public static OssException InvalidPart(string uploadId, int partNumber, string etag) =>
        new OssException(400, "InvalidPart", "One or more of the specified parts could not be found or the specified entity tag might not have matched the part's entity tag.")
            .With("ETag", etag).With("PartNumber", partNumber.ToString(CultureInfo.InvariantCulture)).With("UploadId", uploadId);

    public static OssException InvalidPartOrder() =>
        new(400, "InvalidPartOrder", "The list of parts was not in ascending order. The parts list must be specified in ascending order by part number.");

    public static OssException MalformedXml(string errorCode) => new(
        400, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema.", errorCode);

    public static OssException BadRequest(string message) => new(400, "BadRequest", message);

    public static OssException InvalidRequest(string message) => new(400, "InvalidRequest", message);

    public static OssException AccessDenied(string message, string? errorCode = null) => new(403, "AccessDenied", message, errorCode);

    /// <summary>By the role of the signer or by the policy of the session.</summary>
    public static OssException DeniedByPolicy() => AccessDenied("Access denied by authorizer's policy.");

    public static OssException AccessForbidden() => new(
        403, "AccessForbidden", "CORSResponse: This CORS request is not allowed. This is usually because the evaluation of Origin, request method / Access-Control-Request-Method or Access-Control-Requet-Headers are not whitelisted by the resource's CORS spec.");

    public static OssException InvalidAccessKeyId(string accessKeyId) =>
        new OssException(403, "InvalidAccessKeyId", "The OSS Access Key Id you provided does not exist in our records.", "0002-00000902")
            .With("OSSAccessKeyId", accessKeyId);

    public static OssException InvalidSecurityToken() =>
        new(403, "InvalidSecurityToken", "The security token you provided is invalid.", "0002-00000008");

    public static OssException SecurityTokenExpired() =>
        new(403, "SecurityTokenExpired", "The security token you provided has expired.", "0002-00000007");

    public static OssException NoSuchBucket(string bucket) =>
        new OssException(404, "NoSuchBucket", "The specified bucket does not exist.", "0015-00000101").With("BucketName", bucket);

    public static OssException NoSuchKey(string key) =>
        new OssException(404, "NoSuchKey", "The specified key does not exist.", "0026-00000001").With("Key", key);

    public static OssException NoSuchUpload(string uploadId) =>
        new OssException(404, "NoSuchUpload", "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.", "0017-00000244")
            .With("UploadId", uploadId);

    public static OssException MethodNotAllowed(string method, string resource) =>
        new OssException(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")
            .With("Method", method).With("ResourceType", resource);

    public static OssException FileAlreadyExists() =>
        new(409, "FileAlreadyExists", "The object you specified already exists and can not be overwritten.", "0026-00000002");

    public static OssException BucketAlreadyExists(string bucket) =>
        new OssException(409, "BucketAlreadyExists", "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.", "0015-00000104")
            .With("BucketName", bucket);

    public static OssException BucketNotEmpty(string bucket) =>
        new OssException(409, "BucketNotEmpty", "The bucket has objects. Please delete them first.", "0015-00000301").With("BucketName", bucket);

    public static OssException MissingContentLength() =>
        new(411, "MissingContentLength", "You must provide the Content-Length HTTP header.", "0017-00000101");

    public static OssException PreconditionFailed(string condition) =>
        new OssException(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold.").With("Condition", condition);

    public static OssException InvalidRange(string requested, long size) =>
        new OssException(416, "InvalidRange", "The requested range cannot be satisfied.")
            .With("ActualObjectSize", size.ToString(CultureInfo.InvariantCulture)).With("RangeRequested", requested);

    public static OssException Internal() => new(500, "InternalError", "Please contact the server administrator, oss@service.aliyun.com.");

    /// <summary>Worded here: the service that renders is part of the real one.</summary>
    public static OssException ImageServiceFailed(string message) => new(503, "ServiceUnavailable", message);

    /// <summary>A header whose meaning is not built here; ignoring it would let a client believe otherwise.</summary>
    public static OssException HeaderNotImplemented(string header, string value) =>
        new OssException(501, "NotImplemented", "A header you provided implies functionality that is not implemented.")
            .With("Header", header).With("Value", value);

    /// <summary>A sub-resource that is not built here. Never taken for a plain read or write of the object.</summary>
    public static OssException ResourceNotImplemented(string resource) =>
        new OssException(501, "NotImplemented", "The sub-resource you specified is not implemented by this server.").With("SubResource", resource);
}
