using OssProxy.Emulator;

namespace OssProxy.Tests.Emulator;

/// <summary>An emulator of its own for each test, on a free port and an empty folder that goes away with it.</summary>
public abstract class EmulatorSpecs : IAsyncLifetime
{
    private protected string Folder { get; } = Path.Combine(Path.GetTempPath(), "ossproxy-emulator-" + Guid.NewGuid().ToString("N"));

    private protected EmulatorServer Server { get; private set; } = null!;

    private protected WireClient Client { get; private set; } = null!;

    public virtual async Task InitializeAsync() => await StartAsync(Options());

    public virtual async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private protected EmulatorOptions Options() => new()
    {
        Urls = "http://127.0.0.1:0",
        Folder = Folder,
        Buckets = { new() { Name = "photos" }, new() { Name = "secret", Acl = "private" } },
        Credentials = { new() { AccessKeyId = WireClient.AccessKeyId, AccessKeySecret = WireClient.Secret } },
        Limits = { MinPartBytes = 4 },
    };

    private protected async Task StartAsync(EmulatorOptions options)
    {
        Server = await EmulatorServer.StartAsync(options, WireClient.Deadline);
        Client = new(Server);
    }

    /// <summary>Files that hold bodies, whichever folder they lie in.</summary>
    private protected IReadOnlyList<string> Blobs() => [.. Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories)
        .Where(f => Path.GetFileName(Path.GetDirectoryName(f)!) is "blobs" or "temp")];
}
