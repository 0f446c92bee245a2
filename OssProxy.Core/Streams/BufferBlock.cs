namespace OssProxy.Core.Streams;

/// <summary>What a block is held for.</summary>
internal enum BlockUse
{
    /// <summary>Bytes on their way to a store.</summary>
    Moving,

    /// <summary>Bytes gathered while a client sends.</summary>
    Gathering,

    /// <summary>The same, so that they can be sent again.</summary>
    Replay,
}

/// <summary>A part of a <see cref="BufferBudget"/>. Disposing it returns it; a second time does nothing.</summary>
public sealed class BufferBlock : IDisposable
{
    private readonly BufferBudget _budget;
    private readonly BlockUse _use;
    private byte[]? _bytes;

    internal BufferBlock(BufferBudget budget, byte[] bytes, BlockUse use)
    {
        _budget = budget;
        _bytes = bytes;
        _use = use;
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
            _budget.Return(bytes, _use);
    }
}
