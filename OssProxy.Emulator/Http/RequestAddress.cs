using System.Net;
using System.Text;
using OssProxy.Emulator.Errors;

namespace OssProxy.Emulator.Http;

/// <summary>
/// What a request is about, taken from Host and the raw request target, decoded exactly once. Bucket and key are
/// null at the levels above them.
/// </summary>
internal sealed record RequestAddress(string? Bucket, string? Key, QueryParameters Query, string Host, bool BucketInHost)
{
    private const int MaxKeyBytes = 1023;

    /// <summary>HostId of error documents.</summary>
    public string HostId => Bucket is null || BucketInHost ? Host : $"{Bucket}.{Host}";

    /// <summary>The object's address as this client reaches it.</summary>
    public string UrlOf(string bucket, string key) =>
        BucketInHost ? $"http://{Host}/{PercentEncoding.Encode(key, keepSlash: true)}" : $"http://{Host}/{bucket}/{PercentEncoding.Encode(key, keepSlash: true)}";

    public static RequestAddress Parse(string host, string rawTarget, EmulatorOptions options)
    {
        var target = OriginForm(rawTarget);
        var mark = target.IndexOf('?');
        var path = mark < 0 ? target : target[..mark];
        var query = mark < 0 ? QueryParameters.Empty : QueryParameters.Parse(target.AsSpan(mark + 1));
        if (path.Length == 0 || path[0] != '/')
            throw OssErrors.BadRequest("The request target is not a path.");

        var bucket = BucketOf(host, options);
        var inHost = bucket is not null;
        var rest = path.AsSpan(1);
        if (!inHost)
        {
            var slash = rest.IndexOf('/');
            var first = slash < 0 ? rest : rest[..slash];
            rest = slash < 0 ? [] : rest[(slash + 1)..];
            if (first.IsEmpty && slash < 0)
                return new(null, null, query, host, BucketInHost: false);

            bucket = PercentEncoding.TryDecode(first, out var decoded) ? decoded : first.ToString();
        }

        if (!BucketName.IsValid(bucket!))
            throw OssErrors.InvalidBucketName(bucket!);

        return new(bucket, rest.IsEmpty ? null : KeyOf(rest), query, host, inHost);
    }

    /// <summary>Whether Host names a bucket, by a suffix or as a custom domain.</summary>
    public static bool IsOfBucket(string host, EmulatorOptions options) => BucketOf(host, options) is not null;

    /// <summary>A key as it stands percent-encoded in a path or a copy source.</summary>
    public static string KeyOf(ReadOnlySpan<char> encoded)
    {
        if (!PercentEncoding.TryDecode(encoded, out var key))
            throw OssErrors.InvalidObjectName(encoded.ToString());

        return ValidKey(key);
    }

    /// <summary>A key as it is, once it has been seen to be one.</summary>
    public static string ValidKey(string key)
    {
        // EC 0016-00000002/3: 1 to 1023 bytes, not beginning with a slash or a backslash.
        if (key.Length == 0 || key[0] is '/' or '\\' || Encoding.UTF8.GetByteCount(key) > MaxKeyBytes)
            throw OssErrors.InvalidObjectName(key);

        return key;
    }

    // A proxy may use the absolute form (RFC 9112, 3.2.2); only its path and query matter.
    private static string OriginForm(string target)
    {
        var scheme = target.IndexOf("://", StringComparison.Ordinal);
        if (target.StartsWith('/') || scheme < 0)
            return target;

        var path = target.AsSpan(scheme + 3).IndexOfAny('/', '?');
        return path < 0 ? "/" : target[scheme + 3 + path] == '/' ? target[(scheme + 3 + path)..] : "/" + target[(scheme + 3 + path)..];
    }

    private static string? BucketOf(string host, EmulatorOptions options)
    {
        var name = WithoutPort(host);
        if (options.Cnames.FirstOrDefault(pair => string.Equals(pair.Key, name, StringComparison.OrdinalIgnoreCase)) is { Key: not null } cname)
            return cname.Value;

        if (IPAddress.TryParse(name, out _))
            return null;

        // ali-oss given an IP address connects there but names the public domain of its region in Host.
        var suffix = options.DomainSuffixes.Append($"oss-{options.Region}.aliyuncs.com")
            .FirstOrDefault(s => name.EndsWith("." + s, StringComparison.OrdinalIgnoreCase));
        return suffix is null ? null : name[..^(suffix.Length + 1)].ToLowerInvariant();
    }

    private static string WithoutPort(string host)
    {
        var colon = host.LastIndexOf(':');
        return colon > host.LastIndexOf(']') ? host[..colon] : host;
    }
}
