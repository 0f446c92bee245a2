namespace OssProxy.Core.Identity;

/// <summary>The mini-programs whose users may sign in. Section <c>Miniapps</c>.</summary>
public sealed class MiniappOptions
{
    public const string Section = "Miniapps";

    /// <summary>How long a provider may take to answer in all; 1 second to 1 minute. Default 5 seconds.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The apps; each pair of provider and app id once.</summary>
    public IReadOnlyList<MiniappEntry> Apps { get; set => field = value ?? []; } = [];
}

/// <summary>One mini-program.</summary>
public sealed class MiniappEntry
{
    /// <summary><c>wechat</c>, <c>alipay</c> or <c>douyin</c>.</summary>
    public string Provider { get; set => field = value ?? ""; } = "";

    /// <summary>The app's id at the provider.</summary>
    public string AppId { get; set => field = value ?? ""; } = "";

    /// <summary>The app's secret; WeChat and Douyin.</summary>
    public Secret Secret { get; set; }

    /// <summary>The app's RSA key, PKCS#8 or PKCS#1, as PEM or as its Base64 alone; Alipay.</summary>
    public Secret PrivateKey { get; set; }

    /// <summary>Alipay's own public key (not the app's), as PEM or as its Base64 alone; Alipay.</summary>
    public string PublicKey { get; set => field = value ?? ""; } = "";

    /// <summary>Where the provider is asked instead of its own address; empty for that.</summary>
    public string BaseUrl { get; set => field = value ?? ""; } = "";
}
