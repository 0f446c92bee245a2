namespace OssProxy.Core.Streams;

/// <summary>
/// A forward-only, asynchronous source of bytes: the base of every coat around a body. A coat implements
/// <see cref="ReadAsync(Memory{byte}, CancellationToken)"/> and nothing else. Synchronous reads are refused, because one of them on the
/// upload path would block a pool thread for as long as a phone takes to send its next packet.
/// </summary>
public abstract class ReadOnlyStream : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public abstract override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default);

    public sealed override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public sealed override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("A body is read asynchronously.");

    public sealed override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public sealed override void SetLength(long value) => throw new NotSupportedException();

    public sealed override void Flush()
    {
        // Nothing is ever written, so there is nothing to flush.
    }
}
