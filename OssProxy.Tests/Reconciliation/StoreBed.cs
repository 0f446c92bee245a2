using System.Collections.Concurrent;
using OssProxy.Core.Storage;
using OssProxy.Core.Streams;
using OssProxy.Tests.Oss;

namespace OssProxy.Tests.Reconciliation;

/// <summary>A store of its own for one test; what its worker deletes can be counted, stopped and made to fail.</summary>
public abstract class StoreBed : IAsyncDisposable
{
    private ObservedStore? _observed;

    /// <summary>The store as it is.</summary>
    public abstract NamedStore Real { get; }

    /// <summary>The store as the workers have it.</summary>
    internal ObservedStore Observed => _observed ??= new ObservedStore(Real.Store);

    /// <summary>The deployment's stores, this one alone.</summary>
    internal ObjectStores Stores()
    {
        var named = new NamedStore(Real.Name, Observed, Real.Links);
        return new ObjectStores(named, named);
    }

    public abstract Task StartAsync();

    public abstract ValueTask DisposeAsync();

    public Task PutAsync(string key, int length = 5) => Real.Store.PutAsync(
        ObjectKey.Parse(key),
        new ObjectContent { Body = new MemoryStream(new byte[length]), Length = length, ContentType = "image/jpeg" },
        CancellationToken.None);

    public async Task<bool> HasAsync(string key) => await Real.Store.HeadAsync(ObjectKey.Parse(key), CancellationToken.None) is not null;

    public async Task<IReadOnlyList<string>> KeysAsync(string prefix = "")
    {
        var keys = new List<string>();
        await foreach (var listed in Real.Listing!.ListAsync(prefix, CancellationToken.None))
            keys.Add(listed.Key);
        return keys;
    }
}

/// <summary>OSS, over HTTP to its emulator.</summary>
public sealed class EmulatorBed : StoreBed
{
    private readonly EmulatedStore _emulated = new();

    public EmulatedStore Emulated => _emulated;

    public override NamedStore Real => _emulated.Store;

    public override Task StartAsync() => _emulated.InitializeAsync();

    public override async ValueTask DisposeAsync() => await _emulated.DisposeAsync();
}

/// <summary>A folder.</summary>
public sealed class DiskBed : StoreBed
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ossproxy-disk-").FullName;
    private NamedStore? _store;

    public override NamedStore Real => _store!;

    public override Task StartAsync()
    {
        var disk = new FileSystemObjectStore(_folder, "node-a", new BufferBudget(BufferBudget.MinBytes));
        _store = new NamedStore("local", disk, new ObjectLinks("/public/uploads"));
        return Task.CompletedTask;
    }

    public override ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}

/// <summary>Lets through, counts, holds up, fails.</summary>
internal sealed class ObservedStore(IObjectStore inner) : IObjectStore, IMultipartObjectStore
{
    /// <summary>What happens before a deletion.</summary>
    public Func<ObjectKey, CancellationToken, Task> BeforeDelete { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>What happens before a look.</summary>
    public Func<ObjectKey, CancellationToken, Task> BeforeHead { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>How often each key was to be deleted.</summary>
    public ConcurrentDictionary<string, int> Deletions { get; } = new(StringComparer.Ordinal);

    public async Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        Deletions.AddOrUpdate(key.Value, 1, static (_, count) => count + 1);
        await BeforeDelete(key, cancellationToken);
        await inner.DeleteAsync(key, cancellationToken);
    }

    public async Task<StoredObject?> HeadAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        await BeforeHead(key, cancellationToken);
        return await inner.HeadAsync(key, cancellationToken);
    }

    public Task<StoredObject> PutAsync(ObjectKey key, ObjectContent content, CancellationToken cancellationToken) =>
        inner.PutAsync(key, content, cancellationToken);

    public Task<ObjectReading?> OpenAsync(ObjectKey key, ByteRange? range, CancellationToken cancellationToken) =>
        inner.OpenAsync(key, range, cancellationToken);

    public Task<IPartUpload> BeginAsync(ObjectKey key, ObjectContent content, CancellationToken cancellationToken) =>
        ((IMultipartObjectStore)inner).BeginAsync(key, content, cancellationToken);

    public Task AbandonAsync(ObjectKey key, CancellationToken cancellationToken) =>
        inner is IMultipartObjectStore parts ? parts.AbandonAsync(key, cancellationToken) : Task.CompletedTask;
}
