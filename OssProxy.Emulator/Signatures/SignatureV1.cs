using System.Security.Cryptography;
using System.Text;

namespace OssProxy.Emulator.Signatures;

/// <summary>The text and the HMAC-SHA1 of signature V1, header and URL form.</summary>
internal static class SignatureV1
{
    // The union of what the official SDKs sign; everything else in a query is outside a V1 signature.
    private static readonly HashSet<string> SignedNames = new(StringComparer.Ordinal)
    {
        "acl", "uploads", "location", "cors", "logging", "website", "referer", "lifecycle", "delete", "append", "tagging", "objectMeta",
        "uploadId", "partNumber", "security-token", "position", "img", "style", "styleName", "replication", "replicationProgress",
        "replicationLocation", "cname", "bucketInfo", "comp", "qos", "qosInfo", "live", "status", "vod", "startTime", "endTime", "symlink",
        "restore", "stat", "encryption", "versioning", "versionId", "versions", "policy", "policyStatus", "requestPayment", "inventory",
        "inventoryId", "continuation-token", "callback", "callback-var", "worm", "wormId", "wormExtend", "asyncFetch", "sequential",
        "regionList", "cloudboxes", "resourceGroup", "transferAcceleration", "metaQuery", "accessPoint", "accessPointPolicy",
        "publicAccessBlock", "bucketArchiveDirectRead", "httpsConfig", "redundancyTransition", "processConfiguration", "vpcip", "vip", "seal",
        "udf", "udfName", "udfImage", "udfId", "udfImageDesc", "udfApplication", "udfApplicationLog", "group", "link", "objectInfo",
        "qosRequester", "requesterQosInfo", "resourcePool", "resourcePoolInfo", "resourcePoolBuckets", "response-content-type",
        "response-content-language", "response-expires", "response-cache-control", "response-content-disposition", "response-content-encoding",
    };

    /// <param name="date">The Date line, or the Expires seconds of a URL.</param>
    public static string StringToSign(SignedRequest request, string date)
    {
        var text = new StringBuilder()
            .Append(request.Method).Append('\n')
            .Append(request.Header("content-md5")).Append('\n')
            .Append(request.Header("content-type")).Append('\n')
            .Append(date).Append('\n');
        foreach (var (name, value) in request.ByName.Where(h => h.Key.StartsWith("x-oss-", StringComparison.Ordinal)).OrderBy(h => h.Key, StringComparer.Ordinal))
            text.Append(name).Append(':').Append(value).Append('\n');

        text.Append('/');
        if (request.Bucket is { } bucket)
            text.Append(bucket).Append('/').Append(request.Key);

        var separator = '?';
        foreach (var parameter in request.Query.Items
            .Where(p => SignedNames.Contains(p.Name) || p.Name.StartsWith("x-oss-", StringComparison.Ordinal))
            .DistinctBy(p => p.Name, StringComparer.Ordinal)
            .OrderBy(p => p.Name, StringComparer.Ordinal))
        {
            text.Append(separator).Append(parameter.Name);
            if (!string.IsNullOrEmpty(parameter.Value))
                text.Append('=').Append(parameter.Value);

            separator = '&';
        }

        return text.ToString();
    }

    public static string Sign(string secret, string stringToSign) =>
        Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(stringToSign)));
}
