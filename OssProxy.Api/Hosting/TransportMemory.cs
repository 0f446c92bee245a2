using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace OssProxy.Api.Hosting;

/// <summary>
/// The memory into which Kestrel receives: blocks of 64 KiB in place of its own of 4 KiB. A receive fills at most one block, and each block
/// is a step of everything behind it, so this is the largest lever on the cost of a byte (docs/performance.md). A connection holds a block
/// only while a byte in it is unread: Kestrel waits for data before it takes one.
/// </summary>
internal sealed class TransportMemory : MemoryPool<byte>
{
    /// <summary>Larger ones gain nothing (docs/performance.md): a receive finds no more.</summary>
    private const int BlockBytes = 64 * 1024;

    /// <summary>Blocks kept for the next connection, 8 MiB; what a crowd needed beyond that goes back to the collector.</summary>
    private const int MostIdle = 128;

    private readonly Lock _gate = new();

    // The block that came back last is taken first: it is still in the processor's cache.
    private readonly Stack<Block> _idle = new();
    private bool _disposed;

    public override int MaxBufferSize => BlockBytes;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockBytes);
        lock (_gate)
        {
            if (_idle.TryPop(out var block))
            {
                block.Rented();
                return block;
            }
        }

        return new Block(this);
    }

    protected override void Dispose(bool disposing)
    {
        lock (_gate)
        {
            _disposed = true;
            _idle.Clear();
        }
    }

    private void Return(Block block)
    {
        lock (_gate)
        {
            if (!_disposed && _idle.Count < MostIdle)
                _idle.Push(block);
        }
    }

    /// <summary>Makes a pool for each address that is listened on.</summary>
    public sealed class Factory : IMemoryPoolFactory<byte>
    {
        public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new TransportMemory();
    }

    // Pinned, because the kernel writes into it while the collector may run.
    private sealed class Block(TransportMemory pool) : IMemoryOwner<byte>
    {
        private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true);
        private int _returned;

        public Memory<byte> Memory => MemoryMarshal.CreateFromPinnedArray(_bytes, 0, BlockBytes);

        public void Rented() => Volatile.Write(ref _returned, 0);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _returned, 1) == 0)
                pool.Return(this);
        }
    }
}
