namespace OssProxy.Core.Streams;

/// <summary>A body whose bytes are in memory already: they can be taken where they lie, without another buffer to copy them to.</summary>
public abstract class HeldStream : ReadOnlyStream
{
    public sealed override bool CanSeek => true;

    /// <summary>The next bytes in one piece, past which the position then stands; empty at the end. Valid as long as the body is.</summary>
    public abstract ReadOnlyMemory<byte> Take();

    public sealed override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return ValueTask.FromResult(0);

        var piece = Take();
        var count = Math.Min(piece.Length, buffer.Length);
        piece.Span[..count].CopyTo(buffer.Span);
        Position -= piece.Length - count;
        return ValueTask.FromResult(count);
    }
}
