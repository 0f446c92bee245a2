using OssProxy.Emulator;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Processes;

/// <summary>A folder and an emulator for servers that run as processes of their own.</summary>
public abstract class ProcessSpecs : IAsyncLifetime
{
    private EmulatorServer? _emulator;

    protected const string Chat = "/api/chat/uploadAliyun";

    /// <summary>Everything of the test, the servers' data included.</summary>
    protected string Folder { get; } = Directory.CreateTempSubdirectory("ossproxy-process-").FullName;

    protected EmulatorServer Emulator => _emulator!;

    public async Task InitializeAsync() =>
        _emulator = await EmulatorServer.StartAsync(ApiServer.EmulatorOptions(Path.Combine(Folder, "oss")), CancellationToken.None);

    public async Task DisposeAsync()
    {
        await Emulator.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>A server's settings with some of them changed.</summary>
    protected Dictionary<string, string?> Settings(params (string Key, string Value)[] changes)
    {
        var settings = ApiServer.Settings(Emulator.Address, Folder);
        foreach (var (key, value) in changes)
            settings[key] = value;
        return settings;
    }

    /// <summary>The rows of the servers' database.</summary>
    protected Task<StoreContents.Rows> RowsAsync() => StoreContents.RowsAsync(Path.Combine(Folder, "data"));
}
