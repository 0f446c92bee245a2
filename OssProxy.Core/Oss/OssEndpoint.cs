using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text.RegularExpressions;
using OssProxy.Core.Http;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Oss;

/// <summary>
/// Where a bucket is reached: turns keys into URLs and the endpoint into a region. Addressing never changes a signature, which always holds
/// the bucket (OSS API reference: "Include signatures in the Authorization header").
/// </summary>
public sealed partial class OssEndpoint
{
    private readonly string _origin;

    private OssEndpoint(string scheme, string host, string authority, string bucket, OssAddressing style)
    {
        Scheme = scheme;
        Host = host;
        Bucket = bucket;
        Style = style;
        Region = RegionOf(host);
        Authority = style == OssAddressing.Virtual ? $"{bucket}.{authority}" : authority;
        _origin = $"{scheme}://{Authority}";
        PublicBaseUrl = MakePublicBaseUrl(scheme, authority);
    }

    /// <summary><c>http</c> or <c>https</c>.</summary>
    public string Scheme { get; }

    /// <summary>The endpoint's host as configured, lower case, without port and bucket.</summary>
    public string Host { get; }

    public string Bucket { get; }

    /// <summary>Host and port of requests as <c>Host</c> says them; the port only where it is not the scheme's.</summary>
    public string Authority { get; }

    /// <summary>Where requests are sent.</summary>
    public HttpOrigin Origin
    {
        get
        {
            var address = new Uri(_origin);
            return new HttpOrigin(Scheme == "https", address.IdnHost.Trim('[', ']'), address.Port);
        }
    }

    /// <summary>Never <see cref="OssAddressing.Auto"/>.</summary>
    public OssAddressing Style { get; }

    /// <summary>The region id that the host names; null when it names none (acceleration, custom domain, IP).</summary>
    public string? Region { get; }

    /// <summary>What the URL of an object begins with outside, ending in a slash: https and the public twin of an internal
    /// domain.</summary>
    public string PublicBaseUrl { get; }

    /// <summary>Whether the host is one of the service's own domains.</summary>
    public bool IsService => IsServiceHost(Host);

    /// <summary>Reads an endpoint; false with a reason in Chinese when it is none.</summary>
    public static bool TryParse(
        string text,
        string bucket,
        OssAddressing addressing,
        [NotNullWhen(true)] out OssEndpoint? endpoint,
        [NotNullWhen(false)] out string? fault)
    {
        endpoint = null;
        var written = text.Contains("://", StringComparison.Ordinal);
        if (!Uri.TryCreate(written ? text : "https://" + text, UriKind.Absolute, out var uri)
            || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0 || uri.UserInfo.Length > 0)
        {
            fault = "不是有效的地址；应形如 oss-cn-hangzhou.aliyuncs.com 或 http://127.0.0.1:9100";
            return false;
        }

        if (uri.AbsolutePath != "/" || uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            fault = "只能包含域名和端口，请去掉路径与参数";
            return false;
        }

        // As it goes over the wire: a domain of Chinese letters in its ASCII form.
        var host = (uri.HostNameType == UriHostNameType.Dns ? uri.IdnHost : uri.Host).ToLowerInvariant();
        var local = IPAddress.TryParse(host.Trim('[', ']'), out _) || host == "localhost";
        var port = PortAtEnd().IsMatch(text);
        if (bucket.Length > 0 && host.StartsWith(bucket + ".", StringComparison.Ordinal) && IsServiceHost(host[(bucket.Length + 1)..]))
        {
            fault = $"不应包含 Bucket 名称，请改为 {host[(bucket.Length + 1)..]}";
            return false;
        }

        if (addressing == OssAddressing.Virtual && IPAddress.TryParse(host.Trim('[', ']'), out _))
        {
            fault = "是 IP 地址，不能使用 virtual 方式访问，请将 Oss:Addressing 设为 auto 或 path";
            return false;
        }

        var scheme = written ? uri.Scheme : !IsServiceHost(host) && (local || port) ? "http" : "https";
        var style = addressing != OssAddressing.Auto ? addressing
            : IsServiceHost(host) ? OssAddressing.Virtual
            : local || port ? OssAddressing.Path
            : OssAddressing.Cname;

        // Uri fills in the port of the scheme it was parsed with: only one that was written is kept.
        var authority = port && !(uri.IsDefaultPort && uri.Scheme == scheme) ? $"{host}:{uri.Port}" : host;
        endpoint = new OssEndpoint(scheme, host, authority, bucket, style);
        fault = null;
        return true;
    }

    /// <summary>The region id of an endpoint's host; null when it names none.</summary>
    public static string? RegionOf(string host)
    {
        if (host == "oss.aliyuncs.com")
            return "cn-hangzhou";

        var match = RegionInHost().Match(host);
        if (!match.Success)
            return null;

        var region = match.Groups["region"].Value;
        return region is "accelerate" or "accelerate-overseas" ? null : region;
    }

    /// <summary>A region id as V4 wants it: bucket locations and old SDKs write <c>oss-cn-hangzhou</c>, which the service refuses in a
    /// scope (EC 0002-00000228).</summary>
    public static string NormalizeRegion(string region)
    {
        region = region.Trim().ToLowerInvariant();
        return region.StartsWith("oss-", StringComparison.Ordinal) ? region[4..] : region;
    }

    /// <summary>The URL of a request. The text goes out as it is here: without the option, <see cref="Uri"/> would fold dot segments and
    /// undo escapes, and another object would be meant than was signed.</summary>
    internal Uri UriFor(string? key, IEnumerable<KeyValuePair<string, string>> query) => new(
        _origin + TargetFor(key, query), new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    /// <summary>Path and query of a request, as they go out.</summary>
    internal string TargetFor(string? key, IEnumerable<KeyValuePair<string, string>> query)
    {
        var path = Style == OssAddressing.Path ? $"/{Bucket}/" : "/";
        var text = OssEncoding.Query(query);
        return string.Concat(path, key is null ? "" : OssEncoding.Path(key), text.Length > 0 ? "?" + text : "");
    }

    /// <summary>Links to the objects of this bucket.</summary>
    /// <param name="publicBaseUrl">A base that the operator prefers; empty for this endpoint's own.</param>
    public ObjectLinks Links(string publicBaseUrl) => new(publicBaseUrl.Length > 0 ? publicBaseUrl : PublicBaseUrl);

    public override string ToString() => $"{_origin} ({Style}, {Bucket})";

    private static bool IsServiceHost(string host) => host.EndsWith(".aliyuncs.com", StringComparison.Ordinal);

    private string MakePublicBaseUrl(string scheme, string authority)
    {
        if (Style == OssAddressing.Path)
            return $"{scheme}://{authority}/{Bucket}/";

        if (!IsServiceHost(Host))
            return $"{_origin}/";

        var host = Host.StartsWith("vpc100-", StringComparison.Ordinal) ? Host[7..] : Host;
        host = host.Replace("-internal.", ".", StringComparison.Ordinal);
        return Style == OssAddressing.Virtual ? $"https://{Bucket}.{host}/" : $"https://{host}/";
    }

    // oss-cn-hangzhou[-internal].aliyuncs.com, vpc100-oss-cn-hangzhou.aliyuncs.com, dual stack cn-hangzhou[-internal].oss.aliyuncs.com
    [GeneratedRegex(@"^(?:(?:vpc100-)?oss-(?<region>[a-z0-9-]+?)(?:-internal)?|(?<region>[a-z0-9-]+?)(?:-internal)?\.oss)\.aliyuncs\.com$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex RegionInHost();

    [GeneratedRegex(@":\d+/?$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex PortAtEnd();
}
