using System.Collections.Frozen;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OssProxy.Core.Oss;

/// <summary>
/// Signature version 1: HMAC-SHA1 over method, MD5, type, date, <c>x-oss-</c> headers and the decoded resource. The service withdraws it in
/// phases since 2025; here for environments that know nothing else. (OSS API reference: "Include signatures in the Authorization header".)
/// </summary>
internal sealed class OssSignerV1 : OssSigner
{
    /// <summary>The query names that belong to the resource: the union of the lists in the official C#, Go, Java and Python SDKs. Names
    /// that begin with <c>x-oss-</c> belong to it as well; <c>list-type</c>, <c>prefix</c> and their like do not.</summary>
    private static readonly FrozenSet<string> SubResources = string.Concat(
        "acl uploads location cors logging website referer lifecycle delete append tagging objectMeta uploadId partNumber security-token ",
        "position img style styleName replication replicationProgress replicationLocation cname bucketInfo comp qos qosInfo live status ",
        "vod startTime endTime symlink restore stat encryption versioning versionId versions policy policyStatus requestPayment inventory ",
        "inventoryId continuation-token callback callback-var worm wormId wormExtend asyncFetch sequential regionList cloudboxes ",
        "resourceGroup transferAcceleration metaQuery accessPoint accessPointPolicy publicAccessBlock bucketArchiveDirectRead httpsConfig ",
        "redundancyTransition processConfiguration vpcip vip seal udf udfName udfImage udfId udfImageDesc udfApplication ",
        "udfApplicationLog group link objectInfo qosRequester requesterQosInfo resourcePool resourcePoolInfo resourcePoolBuckets ",
        "response-content-type response-content-language response-expires response-cache-control response-content-disposition ",
        "response-content-encoding").Split(' ').ToFrozenSet(StringComparer.Ordinal);

    public override IReadOnlyList<KeyValuePair<string, string>> SignHeaders(
        OssRequest request, OssCredentials credentials, DateTimeOffset now, IReadOnlyCollection<string>? additionalHeaders = null)
    {
        var added = new List<KeyValuePair<string, string>>(3);
        var date = request.Headers.GetValueOrDefault("Date") ?? request.Headers.GetValueOrDefault("x-oss-date");
        if (date is null)
        {
            date = now.UtcDateTime.ToString("r", CultureInfo.InvariantCulture);
            added.Add(KeyValuePair.Create("Date", date));
        }

        if (credentials.SecurityToken is { } token)
            added.Add(KeyValuePair.Create("x-oss-security-token", token));

        var signature = Sign(credentials.AccessKeySecret, StringToSign(request, added, request.Query, date));
        added.Add(KeyValuePair.Create("Authorization", $"OSS {credentials.AccessKeyId}:{signature}"));
        return added;
    }

    /// <summary>Whether a parameter belongs to what is signed.</summary>
    public static bool IsSigned(KeyValuePair<string, string> parameter) =>
        SubResources.Contains(parameter.Key) || parameter.Key.StartsWith("x-oss-", StringComparison.Ordinal);

    /// <summary>Whether what is signed of a URL could be read in one way only. The resource is signed without escapes: <c>?</c> in a key,
    /// and <c>&amp;</c> in a value, make a signature that is good for other parameters as well.</summary>
    public static bool IsClear(string? key, IEnumerable<KeyValuePair<string, string>> query) =>
        key?.Contains('?') != true && !query.Any(one => IsSigned(one) && (one.Key.AsSpan().ContainsAny('&', '=') || one.Value.Contains('&')));

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The request is not clear (<see cref="IsClear"/>).</exception>
    public override IReadOnlyList<KeyValuePair<string, string>> SignQuery(
        OssRequest request,
        OssCredentials credentials,
        DateTimeOffset now,
        TimeSpan lifetime,
        IReadOnlyCollection<string>? additionalHeaders = null)
    {
        var query = request.Query.ToList();
        if (credentials.SecurityToken is { } token)
            query.Add(KeyValuePair.Create("security-token", token));

        if (!IsClear(request.Key, query))
            throw new ArgumentException("Signed with V1 it would be good for other parameters as well.", nameof(request));
        var expires = (now.ToUnixTimeSeconds() + (long)lifetime.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        var signature = Sign(credentials.AccessKeySecret, StringToSign(request, [], query, expires));
        query.Add(KeyValuePair.Create("Expires", expires));
        query.Add(KeyValuePair.Create("OSSAccessKeyId", credentials.AccessKeyId));
        query.Add(KeyValuePair.Create("Signature", signature));
        return query;
    }

    internal static string StringToSign(
        OssRequest request,
        IEnumerable<KeyValuePair<string, string>> added,
        IEnumerable<KeyValuePair<string, string>> query,
        string dateOrExpires)
    {
        var headers = CanonicalHeaders(request, added);
        var text = new StringBuilder()
            .Append(request.Method.Method).Append('\n')
            .Append(headers.GetValueOrDefault("content-md5")).Append('\n')
            .Append(headers.GetValueOrDefault("content-type")).Append('\n')
            .Append(dateOrExpires).Append('\n');

        foreach (var (name, value) in headers)
        {
            if (name.StartsWith("x-oss-", StringComparison.Ordinal))
                text.Append(name).Append(':').Append(value).Append('\n');
        }

        // The resource holds the bucket in every style of addressing, and the key as it is, not encoded.
        text.Append('/');
        if (request.Bucket is not null)
            text.Append(request.Bucket).Append('/').Append(request.Key);

        var separator = '?';
        foreach (var (name, value) in query.Where(IsSigned).OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            text.Append(separator).Append(name);
            if (value.Length > 0)
                text.Append('=').Append(value);

            separator = '&';
        }

        return text.ToString();
    }

    private static string Sign(string secret, string text) =>
        Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(text)));
}
