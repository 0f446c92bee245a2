using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.Oss;
using OssProxy.Core.Storage;
using OssProxy.Emulator;
using OssProxy.Tests.Emulator;

namespace OssProxy.Tests.Oss;

/// <summary>OSS as a store, with its emulator at hand; one for all tests of a class.</summary>
public sealed class EmulatedStore : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ossproxy-emulated-").FullName;
    private EmulatorServer? _emulator;
    private OssClient? _client;
    private NamedStore? _store;
    private int _keys;

    public EmulatorServer Emulator => _emulator!;

    public OssClient Client => _client!;

    public NamedStore Store => _store!;

    public async Task InitializeAsync()
    {
        _emulator = await EmulatorServer.StartAsync(
            new EmulatorOptions
            {
                Urls = "http://127.0.0.1:0",
                Folder = _folder,
                Buckets = { new EmulatorBucket { Name = "parts" } },
                Credentials =
                {
                    new EmulatorCredential { AccessKeyId = "id", AccessKeySecret = "secret" },
                    new EmulatorCredential { AccessKeyId = WireClient.AccessKeyId, AccessKeySecret = WireClient.Secret },
                },
            },
            CancellationToken.None);
        var options = new OssOptions
        {
            Endpoint = _emulator.Address.ToString().TrimEnd('/'),
            Region = "cn-hangzhou",
            Bucket = "parts",
            AccessKeyId = "id",
            AccessKeySecret = "secret",
        };
        _client = new OssClient(options, TimeProvider.System, NullLogger<OssClient>.Instance);
        _store = new NamedStore("oss", new OssObjectStore(_client), new ObjectLinks("https://img.example.com"), OssObjects.MaxPutBytes);
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await Emulator.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A key that no test has used, under <c>k/</c>.</summary>
    public ObjectKey NewKey() => ObjectKey.Parse($"k/{Interlocked.Increment(ref _keys)}.bin");

    /// <summary>What the emulator answered of one operation under a key, oldest first.</summary>
    public IReadOnlyList<RequestEntry> Requests(OssOperation operation, ObjectKey key) =>
        [.. Emulator.Requests.Snapshot().Where(entry => entry.Operation == operation && entry.Key == key.Value)];

    /// <summary>The keys under which parts wait for a completion or an abortion.</summary>
    public async Task<IReadOnlyList<string>> UnfinishedAsync()
    {
        var keys = new List<string>();
        await foreach (var upload in Client.Multipart.ListUploadsAsync(prefix: null, CancellationToken.None))
            keys.Add(upload.Key);
        return keys;
    }

    /// <summary>The object is there and has every byte of a <see cref="Storage.ScriptedBody"/> of this length.</summary>
    internal static async Task ShouldHoldAsync(IObjectStore store, ObjectKey key, long length)
    {
        await using var reading = await store.OpenAsync(key, null, CancellationToken.None);
        reading.Should().NotBeNull();
        reading!.Source.Length.Should().Be(length);
        var buffer = new byte[64 * 1024];
        var expected = new byte[buffer.Length];
        long position = 0;
        int read;
        while ((read = await reading.Body.ReadAsync(buffer)) > 0)
        {
            Storage.ScriptedBody.Fill(expected.AsSpan(0, read), position);
            buffer.AsSpan(0, read).SequenceEqual(expected.AsSpan(0, read)).Should().BeTrue($"the bytes from {position} on are those that were sent");
            position += read;
        }

        position.Should().Be(length);
    }
}
