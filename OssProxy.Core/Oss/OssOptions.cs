namespace OssProxy.Core.Oss;

/// <summary>How requests prove themselves.</summary>
public enum OssSignature
{
    /// <summary>HMAC-SHA256; what the service wants today.</summary>
    V4,

    /// <summary>HMAC-SHA1; withdrawn from new accounts since 2025.</summary>
    V1,
}

/// <summary>Where the bucket's name stands in a URL.</summary>
public enum OssAddressing
{
    /// <summary>By the look of the endpoint: a bare IP, <c>localhost</c> or an address with a port means <see cref="Path"/>, a domain of
    /// <c>aliyuncs.com</c> means <see cref="Virtual"/>, any other domain means <see cref="Cname"/>.</summary>
    Auto,

    /// <summary><c>{bucket}.{endpoint}/{key}</c>; the only style that the service's own domains accept.</summary>
    Virtual,

    /// <summary><c>{endpoint}/{bucket}/{key}</c>; for emulators and bare IPs.</summary>
    Path,

    /// <summary><c>{endpoint}/{key}</c>; the endpoint is a custom domain bound to the bucket.</summary>
    Cname,
}

/// <summary>Where the credentials come from that our own requests are signed with.</summary>
public enum OssCredentialsKind
{
    /// <summary>The pair of keys in the configuration.</summary>
    Key,

    /// <summary>A role that is assumed with that pair of keys.</summary>
    Role,

    /// <summary>The role that is attached to the machine, told by its metadata.</summary>
    Ecs,

    /// <summary>The role of the function that this process runs in, told by every request and by the environment.</summary>
    Function,
}

/// <summary>Which bucket, with whose credentials, how patiently. Section <c>Oss</c>.</summary>
public sealed class OssOptions
{
    public const string Section = "Oss";

    /// <summary>The longest <see cref="ConnectTimeout"/>.</summary>
    public static readonly TimeSpan MaxConnectTimeout = TimeSpan.FromMinutes(1);

    /// <summary>The longest <see cref="IdleTimeout"/>.</summary>
    public static readonly TimeSpan MaxIdleTimeout = TimeSpan.FromMinutes(10);

    /// <summary>The most <see cref="Attempts"/>.</summary>
    public const int MaxAttempts = 10;

    /// <summary>Domain or address of the service: <c>oss-cn-hangzhou.aliyuncs.com</c>, its <c>-internal</c> form inside the region, a
    /// custom domain bound to the bucket, or <c>http://127.0.0.1:9100</c>. Without a scheme: https for domain names, http for an IP,
    /// <c>localhost</c> or a port. No path. Required.</summary>
    public string Endpoint { get; set => field = (value ?? "").Trim(); } = "";

    /// <summary>Region id, <c>cn-hangzhou</c> (a leading <c>oss-</c> is dropped). Default: read from the endpoint; required with V4 where
    /// the endpoint does not tell it: acceleration, custom domains, IPs.</summary>
    public string Region { get; set => field = (value ?? "").Trim(); } = "";

    /// <summary>The bucket: 3–63 of <c>a-z 0-9 -</c>. Required.</summary>
    public string Bucket { get; set => field = (value ?? "").Trim(); } = "";

    /// <summary><c>key</c> (default), <c>role</c>, <c>ecs</c> or <c>function</c>.</summary>
    public OssCredentialsKind Credentials { get; set; } = OssCredentialsKind.Key;

    /// <summary>With <c>ecs</c>, the name of the role that is attached to the machine. Default: asked from the metadata.</summary>
    public string RoleName { get; set => field = (value ?? "").Trim(); } = "";

    /// <summary>With <c>ecs</c>, where the machine's metadata is. Default: where every machine of the service has it.</summary>
    public string MetadataUrl { get; set => field = (value ?? "").Trim(); } = "http://100.100.100.200";

    /// <summary>Access key id; blanks around it are dropped. Required with <c>key</c> and <c>role</c>.</summary>
    public string AccessKeyId { get; set => field = (value ?? "").Trim(); } = "";

    /// <summary>Access key secret; blanks around it are dropped. Required with <c>key</c> and <c>role</c>, never printed.</summary>
    public string AccessKeySecret { get; set => field = (value ?? "").Trim(); } = "";

    /// <summary>Security token of temporary credentials. Default: none.</summary>
    public string SecurityToken { get; set => field = (value ?? "").Trim(); } = "";

    /// <summary><c>v4</c> (default) or <c>v1</c>.</summary>
    public OssSignature Signature { get; set; } = OssSignature.V4;

    /// <summary><c>auto</c> (default), <c>virtual</c>, <c>path</c> or <c>cname</c>.</summary>
    public OssAddressing Addressing { get; set; } = OssAddressing.Auto;

    /// <summary>What <c>url</c> in records begins with: a CDN or custom domain, <c>https://img.example.com</c>. Default: made from bucket
    /// and endpoint, with https and without <c>-internal</c>.</summary>
    public string PublicBaseUrl { get; set => field = (value ?? "").Trim(); } = "";

    /// <summary>How long a connection may take to come about. Default 5 s; more than 0, at most <see cref="MaxConnectTimeout"/>.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the store may neither take nor give a byte while we wait for it; noticed a quarter later at worst. Never a limit of
    /// the whole call, and it does not run while we wait for the client's bytes. On Linux bytes that the kernel has from us count when they
    /// arrive. Default 20 s; 1 s to <see cref="MaxIdleTimeout"/>.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>As <see cref="IdleTimeout"/>, for joining the parts of an upload, which takes the store longer the more there are. Default
    /// 2 min; from <see cref="IdleTimeout"/> up to <see cref="MaxIdleTimeout"/>.</summary>
    public TimeSpan CompleteTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How often a request is sent in all, when it can be repeated. Default 3; 1 (no repeat) to <see
    /// cref="MaxAttempts"/>.</summary>
    public int Attempts { get; set; } = 3;

    /// <summary>The same for another bucket.</summary>
    internal OssOptions InBucket(string bucket)
    {
        var other = (OssOptions)MemberwiseClone();
        other.Bucket = bucket;
        return other;
    }

    public override string ToString() =>
        $"Oss: {Bucket} at {Endpoint}, {Signature}, {Addressing}, {Credentials}, id {AccessKeyId}, secret ***, "
        + (SecurityToken.Length > 0 ? "token ***" : "no token");
}
