namespace OssProxy.Core.Sts;

/// <summary>How requests to STS prove themselves.</summary>
public enum StsSignature
{
    /// <summary><c>ACS3-HMAC-SHA256</c>; what the service's newer clients use.</summary>
    Acs3,

    /// <summary>RPC, HMAC-SHA1 1.0; for environments that know nothing else.</summary>
    Rpc,
}

/// <summary>Which role is assumed, where and as whom. Section <c>Sts</c>.</summary>
public sealed class StsOptions
{
    public const string Section = "Sts";

    /// <summary>The shortest <see cref="Duration"/> that the service gives.</summary>
    public static readonly TimeSpan MinDuration = TimeSpan.FromSeconds(900);

    /// <summary>The longest <see cref="Duration"/>; the role's own limit may be lower.</summary>
    public static readonly TimeSpan MaxDuration = TimeSpan.FromHours(12);

    /// <summary>Address of STS. Default: <c>https://sts.{region}.aliyuncs.com</c>, the region being that of OSS.</summary>
    public string Endpoint { get; set => field = (value ?? "").Trim(); } = "";

    /// <summary>The role, <c>acs:ram::1234567890123456:role/uploader</c>. Default: none, and no temporary credentials are given to
    /// anybody.</summary>
    public string RoleArn { get; set => field = (value ?? "").Trim(); } = "";

    /// <summary>What the role's trust policy asks of whoever assumes it. Default: nothing.</summary>
    public string ExternalId { get; set => field = (value ?? "").Trim(); } = "";

    /// <summary>How the sessions are called in the service's audit trail: 2–64 of letters, digits, <c>. @ - _</c>. Default
    /// <c>ossproxy</c>.</summary>
    public string SessionName { get; set => field = (value ?? "").Trim(); } = "ossproxy";

    /// <summary><c>acs3</c> (default) or <c>rpc</c>.</summary>
    public StsSignature Signature { get; set; } = StsSignature.Acs3;

    /// <summary>How long temporary credentials live. Default 15 min; <see cref="MinDuration"/> to <see cref="MaxDuration"/>.</summary>
    public TimeSpan Duration { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long STS, or the machine's metadata, may take to answer in all, repeats included. Default 5 s; 1 s to 1 min.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Access key id of whoever assumes the role. Default: whoever signs for OSS, or would if the role were not assumed.</summary>
    public string AccessKeyId { get; set => field = (value ?? "").Trim(); } = "";

    /// <summary>The secret to <see cref="AccessKeyId"/>; never printed.</summary>
    public string AccessKeySecret { get; set => field = (value ?? "").Trim(); } = "";

    /// <summary>Whether clients can be given temporary credentials.</summary>
    public bool IsConfigured => RoleArn.Length > 0;

    public override string ToString() =>
        $"Sts: {(IsConfigured ? RoleArn : "no role")} at {Endpoint}, {Signature}, for {Duration}, id {AccessKeyId}, secret ***";
}
