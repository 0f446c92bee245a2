using OssProxy.Core.Storage;

namespace OssProxy.Api.PublicFiles;

/// <summary>
/// An object as a stream with a length and a position, so that the framework's own rules for ranges and conditions apply to it. The store is
/// asked when the first byte is wanted, from the position that was set by then: a conditional request that is answered without a body
/// opens nothing.
/// </summary>
internal sealed class ObjectStream(IObjectStore store, StoredObject source) : Stream
{
    private ObjectReading? _reading;

    public override bool CanRead => true;

    public override bool CanSeek => _reading is null;

    public override bool CanWrite => false;

    public override long Length => source.Length;

    public override long Position { get; set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Position >= Length)
            return 0;

        _reading ??= await OpenAsync(cancellationToken);
        var read = await _reading.Body.ReadAsync(buffer, cancellationToken);
        Position += read;
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => Length + offset,
    };

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Flush()
    {
        // Nothing is ever written, so there is nothing to flush.
    }

    public override async ValueTask DisposeAsync()
    {
        if (_reading is not null)
            await _reading.DisposeAsync();
        await base.DisposeAsync();
    }

    // The headers are out, with a length and a tag: bytes of another object under them would be kept, and joined to those of the first.
    private async Task<ObjectReading> OpenAsync(CancellationToken cancellationToken)
    {
        var reading = await store.OpenAsync(source.Key, Position == 0 ? null : new ByteRange(Position, To: null), cancellationToken)
            ?? throw new StoreException(StoreError.StoreFailed, "The object has gone since it was looked up.");
        if (reading.Source.Length == Length && (source.ETag is null || reading.Source.ETag == source.ETag))
            return reading;
        await reading.DisposeAsync();
        throw new StoreException(StoreError.StoreFailed, "The object has been replaced since it was looked up.");
    }
}
