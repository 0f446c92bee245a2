namespace OssProxy.Api.Hosting;

/// <summary>The process itself. Section <c>Server</c>.</summary>
public sealed class ServerOptions
{
    public const string Section = "Server";

    /// <summary>What <see cref="CorsOrigins"/> says for every origin.</summary>
    public const string AnyOrigin = "*";

    /// <summary>How long a stop waits for uploads in flight before it ends them; 0 to 10 minutes. Default 30 seconds.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The proxies in front that are believed when they say where a request comes from: IP addresses and networks such as
    /// <c>10.0.0.0/8</c>, separated by commas; empty for none.</summary>
    public string TrustedProxies { get; set => field = value ?? ""; } = "";

    /// <summary>The origins whose pages may read answers, separated by commas: <c>*</c> alone for all of them, which then may not send what the
    /// browser adds by itself; those that are named may. Empty for none.</summary>
    public string CorsOrigins { get; set => field = value ?? ""; } = AnyOrigin;

    /// <summary>The same as a list.</summary>
    public string[] ListOrigins() => CorsOrigins.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
