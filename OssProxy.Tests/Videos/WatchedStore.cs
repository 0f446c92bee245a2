using OssProxy.Core.Storage;

namespace OssProxy.Tests.Videos;

/// <summary>One object in memory, and what is read of it.</summary>
internal sealed class WatchedStore(byte[] content, string name = "videos/clip.mp4") : IObjectStore
{
    private long _delivered;
    private int _opened;

    public ObjectKey Key { get; } = ObjectKey.Parse(name);

    /// <summary>Bytes that were really handed out.</summary>
    public long Delivered => Interlocked.Read(ref _delivered);

    /// <summary>How often something was asked for.</summary>
    public int Opened => _opened;

    /// <summary>When set, nothing behind the first piece is given before it ends.</summary>
    public TaskCompletionSource? Gate { get; init; }

    /// <summary>What happens when something behind the first piece is asked for; null for nothing.</summary>
    public Exception? Failure { get; init; }

    /// <summary>The length that it tells of, when that is not the true one.</summary>
    public long? LengthTold { get; init; }

    public async Task<ObjectReading?> OpenAsync(ObjectKey key, ByteRange? range, CancellationToken cancellationToken)
    {
        if (key != Key)
            return null;
        Interlocked.Increment(ref _opened);
        var from = range?.From ?? 0;
        if (from > 0 && Gate is not null)
            await Gate.Task.WaitAsync(cancellationToken);
        if (from > 0 && Failure is not null)
            throw Failure;
        var to = Math.Min(range?.To ?? long.MaxValue, content.Length - 1);
        var source = new StoredObject(key, LengthTold ?? content.Length, "video/mp4", "tag", Crc64: null, LastModified: null);
        return new ObjectReading(source, new Watched(this, content.AsMemory((int)from, (int)(to - from + 1))), new ByteRange(from, to));
    }

    public Task<StoredObject> PutAsync(ObjectKey key, ObjectContent content, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<StoredObject?> HeadAsync(ObjectKey key, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken) => throw new NotSupportedException();

    private sealed class Watched(WatchedStore store, ReadOnlyMemory<byte> bytes) : MemoryStream(bytes.ToArray(), writable: false)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await base.ReadAsync(buffer, cancellationToken);
            Interlocked.Add(ref store._delivered, read);
            return read;
        }
    }
}
