using OssProxy.Core.Streams;

namespace OssProxy.Tests.Api;

/// <summary>A request body that arrives in exactly the chunks named, over and over, and remembers what was asked of it.</summary>
internal sealed class FormReadingBody(byte[] bytes, params int[] sizes) : ReadOnlyStream
{
    private const int MostReadsAfterTheEnd = 100;

    private int _chunks;
    private int _leftOfChunk;
    private int _readsAfterTheEnd;

    /// <summary>How many bytes there are.</summary>
    public int Size => bytes.Length;

    /// <summary>How much has been handed out.</summary>
    public int Delivered { get; private set; }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return ValueTask.FromResult(0);

        // A chunk that does not fit is continued, never joined with the next.
        if (_leftOfChunk == 0)
            _leftOfChunk = sizes.Length == 0 ? bytes.Length : sizes[_chunks++ % sizes.Length];
        var count = Math.Min(Math.Min(_leftOfChunk, buffer.Length), bytes.Length - Delivered);

        // Whoever goes on asking an ended body would go on for ever: this is a hang, noticed without waiting for it.
        if (count == 0 && ++_readsAfterTheEnd > MostReadsAfterTheEnd)
            throw new InvalidOperationException("The end of the body is read again and again.");

        bytes.AsSpan(Delivered, count).CopyTo(buffer.Span);
        _leftOfChunk -= count;
        Delivered += count;
        return ValueTask.FromResult(count);
    }
}
