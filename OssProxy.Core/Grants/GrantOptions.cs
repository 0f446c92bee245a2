namespace OssProxy.Core.Grants;

/// <summary>How clients are let go to the store by themselves. Section <c>Grants</c>.</summary>
public sealed class GrantOptions
{
    public const string Section = "Grants";

    /// <summary>The longest life of a policy, of an upload's URL and of a reading URL: an hour.</summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromHours(1);

    /// <summary>What the keys begin with that clients choose by themselves; the folder of the owner follows. Default <c>uploads</c>.</summary>
    public string Prefix { get; set => field = (value ?? "").Trim(); } = "uploads";

    /// <summary>How long an upload may be begun. Default 10 min; 1 s to <see cref="LongestLife"/>.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long an upload that has begun in time may still run. Default 1 h; 1 s to 24 h.</summary>
    public TimeSpan LateWindow { get; set; } = TimeSpan.FromHours(1);

    /// <summary>What becomes of an object that nobody has reported: <c>adopt</c> (default) or <c>remove</c>.</summary>
    public string Unconfirmed { get; set => field = (value ?? "").Trim(); } = "adopt";

    /// <summary>The version of a policy for clients that ask for none: <c>v1</c> (default), which all of them can send, or <c>v4</c>.</summary>
    public PolicyVersion PolicyVersion { get; set; } = PolicyVersion.V1;

    /// <summary>Where forms are posted to: <c>auto</c> (default) to OSS where there is one, else to us; <c>direct</c> or
    /// <c>gateway</c>.</summary>
    public string Via { get; set => field = (value ?? "").Trim(); } = "auto";

    /// <summary>The address to which forms for OSS are posted, with a scheme. Default: the bucket's own.</summary>
    public string Host { get; set => field = (value ?? "").Trim().TrimEnd('/'); } = "";

    /// <summary>The address to which forms for us are posted, ending in <c>/oss/gateway</c>. Default: made from that of the request.</summary>
    public string GatewayUrl { get; set => field = (value ?? "").Trim().TrimEnd('/'); } = "";

    /// <summary>The address that OSS calls when an upload has ended, ending in <c>/oss/callback</c>. Default: none is called, except by the
    /// embedded emulator.</summary>
    public string CallbackUrl { get; set => field = (value ?? "").Trim(); } = "";

    /// <summary>Where the keys of callbacks may be fetched, separated by commas: host names (asked by https), or origins with a scheme and
    /// perhaps a port. Default <c>gosspublic.alicdn.com</c>.</summary>
    public string CallbackKeyHosts { get; set => field = (value ?? "").Trim(); } = "gosspublic.alicdn.com";

    /// <summary>What our own policies are signed with, 32 characters or more, the same on all nodes. Default: derived from the secret of
    /// OSS, or kept in the data folder where there is none.</summary>
    public string Secret { get; set => field = (value ?? "").Trim(); } = "";

    /// <summary>Most open grants of one owner. Default 1000; 1 to 100,000.</summary>
    public int MaxOpen { get; set; } = 1000;

    public override string ToString() => $"Grants: {Prefix}, {Lifetime}, {PolicyVersion}, {Via}, secret ***";
}
