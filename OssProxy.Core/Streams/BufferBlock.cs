namespace OssProxy.Core.Streams;

/// <summary>A part of a <see cref="BufferBudget"/>. Disposing it returns it; a second time does nothing.</summary>
public sealed class BufferBlock : IDisposable
{
    private readonly BufferBudget _budget;
    private readonly bool _gathering;
    private byte[]? _bytes;

    internal BufferBlock(BufferBudget budget, byte[] bytes, bool gathering)
    {
        _budget = budget;
        _bytes = bytes;
        _gathering = gathering;
    }

    /// <summary>The <see cref="BufferBudget.BlockBytes"/> bytes, with whatever the last holder left in them.</summary>
    /// <exception cref="ObjectDisposedException">It has been returned.</exception>
    public Memory<byte> Memory
    {
        get
        {
            var bytes = Volatile.Read(ref _bytes);
            ObjectDisposedException.ThrowIf(bytes is null, this);
            return bytes;
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _bytes, null) is { } bytes)
            _budget.Return(bytes, _gathering);
    }
}
