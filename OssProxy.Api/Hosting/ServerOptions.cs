namespace OssProxy.Api.Hosting;

/// <summary>The process itself. Section <c>Server</c>.</summary>
public sealed class ServerOptions
{
    public const string Section = "Server";

    /// <summary>How long a stop waits for uploads in flight before it ends them; 0 to 10 minutes. Default 30 seconds.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(30);
}
