using OssProxy.Core.Storage;
using OssProxy.Core.Streams;
using OssProxy.Core.Transfers;
using OssProxy.Tests.Oss;
using ScriptedBody = OssProxy.Tests.Storage.ScriptedBody;

namespace OssProxy.Tests.Transfers;

/// <summary>All transfers over one budget and one spool folder, and what must be true after each of them.</summary>
internal sealed class TransferBench : IDisposable
{
    /// <summary>Small parts and a small budget: two parts of an upload fit into its share of 2 MiB.</summary>
    public static readonly PartLimits Limits = new()
    {
        ReplayBytes = 1024 * 1024,
        PartThreshold = 3 * 1024 * 1024,
        PartBytes = 1024 * 1024,
        PartsInFlight = 3,
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("ossproxy-transfers-").FullName;
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(60));
    private readonly EmulatedStore _oss;

    public TransferBench(EmulatedStore oss)
    {
        _oss = oss;
        Spool = new SpoolFolder(Path.Combine(_folder, "spool"), "node");
        Disk = new NamedStore(
            "local", new FileSystemObjectStore(Path.Combine(_folder, "disk"), "node", Budget), new ObjectLinks("/public/uploads"));
        All = new ITransfer[]
        {
            new AutoTransfer(Budget, Limits), new StreamTransfer(), new TempTransfer(Spool, Budget), new PartsTransfer(Budget, Limits),
        }.ToDictionary(transfer => transfer.Name);
    }

    public BufferBudget Budget { get; } = new(BufferBudget.MinBytes);

    public NamedStore Disk { get; }

    public SpoolFolder Spool { get; }

    public IReadOnlyDictionary<string, ITransfer> All { get; }

    public CancellationToken Deadline => _deadline.Token;

    public static ObjectContent Content(Stream body) => new() { Body = body, ContentType = "image/png" };

    /// <summary>Sends a scripted body of a length to a store.</summary>
    public async Task<StoredObject> SendAsync(string transfer, NamedStore store, ObjectKey key, long length, long? limit = null)
    {
        await using var body = new ScriptedBody(length, piece: 100_000);
        var stored = await SendAsync(transfer, new Shipment(store, key, Content(body) with { LengthLimit = limit }));
        body.Disposed.Should().BeFalse("the body belongs to the caller");
        return stored;
    }

    public Task<StoredObject> SendAsync(string transfer, Shipment shipment) => All[transfer].SendAsync(shipment, Deadline);

    /// <summary>Nothing of a transfer remains: no buffer, no file, no part.</summary>
    public async Task NothingShouldRemainAsync()
    {
        Budget.HeldBytes.Should().Be(0);
        Budget.Waiting.Should().Be(0);
        var spool = Path.Combine(_folder, "spool");
        (Directory.Exists(spool) ? Directory.GetFiles(spool) : []).Should().BeEmpty();
        (await _oss.UnfinishedAsync()).Should().BeEmpty();
    }

    /// <summary>All blocks that may be gathered, held by somebody else.</summary>
    public IReadOnlyList<BufferBlock> HoldAllThatMayBeGathered()
    {
        var held = new List<BufferBlock>();
        while (Budget.TryRent(out var block))
            held.Add(block);
        return held;
    }

    public void Dispose()
    {
        _deadline.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
