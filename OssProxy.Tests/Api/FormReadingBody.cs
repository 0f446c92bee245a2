using OssProxy.Core.Streams;

namespace OssProxy.Tests.Api;

/// <summary>A request body that arrives in pieces of chosen sizes, over and over, and remembers what was asked of it.</summary>
internal sealed class FormReadingBody(byte[] bytes, params int[] sizes) : ReadOnlyStream
{
    private const int MostReadsAfterTheEnd = 100;

    private int _reads;
    private int _readsAfterTheEnd;

    /// <summary>How much has been handed out.</summary>
    public int Delivered { get; private set; }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // Asks whether there is something, before it takes a buffer.
        if (buffer.IsEmpty)
            return ValueTask.FromResult(0);

        var size = sizes.Length == 0 ? bytes.Length : sizes[_reads++ % sizes.Length];
        var count = Math.Min(Math.Min(size, buffer.Length), bytes.Length - Delivered);

        // Whoever goes on asking an ended body would go on for ever: this is a hang, noticed without waiting for it.
        if (count == 0 && ++_readsAfterTheEnd > MostReadsAfterTheEnd)
            throw new InvalidOperationException("The end of the body is read again and again.");

        bytes.AsSpan(Delivered, count).CopyTo(buffer.Span);
        Delivered += count;
        return ValueTask.FromResult(count);
    }
}
