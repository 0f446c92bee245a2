using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.Oss;
using OssProxy.Core.Storage;
using OssProxy.Emulator;
using OssProxy.Tests.Storage;

namespace OssProxy.Tests.Oss;

/// <summary>The duties of a store, kept by OSS over HTTP.</summary>
public sealed class OssObjectStoreSpecs : ObjectStoreSpecs
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ossproxy-store-").FullName;
    private EmulatorServer? _emulator;
    private OssClient? _client;

    protected override IEnumerable<string> AwkwardKeys =>
        [.. base.AwkwardKeys, "double//slash.txt", "back\\slash.txt", "pipe|and<more>.txt", "trailing/", "%2e%2e/literal", new string('k', 1023)];

    public override async Task DisposeAsync()
    {
        _client!.Dispose();
        await _emulator!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    protected override async Task<IObjectStore> CreateStoreAsync()
    {
        _emulator = await EmulatorServer.StartAsync(
            new EmulatorOptions
            {
                Urls = "http://127.0.0.1:0",
                Folder = _folder,
                Buckets = { new EmulatorBucket { Name = "duties" } },
                Credentials = { new EmulatorCredential { AccessKeyId = "id", AccessKeySecret = "secret" } },
            },
            CancellationToken.None);
        var options = new OssOptions
        {
            Endpoint = _emulator.Address.ToString().TrimEnd('/'),
            Region = "cn-hangzhou",
            Bucket = "duties",
            AccessKeyId = "id",
            AccessKeySecret = "secret",
        };
        _client = new OssClient(options, TimeProvider.System, NullLogger<OssClient>.Instance);
        return new OssObjectStore(_client);
    }
}
