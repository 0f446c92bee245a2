using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace OssProxy.Core.Streams;

/// <summary>
/// The sum of all buffers in which this process holds bytes of files, and the only place where such a buffer comes from. It is counted in
/// blocks of 64 KiB, of which there are two sorts:
/// <list type="bullet">
/// <item><b>Moving</b> (<see cref="RentAsync"/>): held only while bytes that have arrived are handed to a store or a disk. Its holder waits
/// for nothing but that, and the store's idle time-out bounds it. Who finds no room waits in turn, and while it waits it does not read, so
/// that the wait reaches the client as back-pressure. Nobody asks for a moving block while holding one.</item>
/// <item><b>Gathering</b> (<see cref="TryRent"/>): held while a client may still be sending, at whatever pace it likes. Never waits and never
/// takes more than three quarters of the whole; who gets none goes on without.</item>
/// </list>
/// A deadlock is impossible by construction. Whoever waits for room holds gathering blocks at most; those can never be all there are, so what
/// he waits for is, at least in part, held as moving blocks, whose holders wait for the store alone and then return them, to the first in the
/// queue. No circle of uploads that wait for each other can close, because a holder of a moving block never stands in the queue. And clients
/// that trickle pin three quarters at the most; the last quarter goes round among all.
/// <para>Returned blocks are kept for the next one, up to 16 MiB; what more there was goes to the collector. The shared pool of arrays keeps
/// a few dozen of this size, and what it drops is what the collector then works on: a tenth of the cost of a large file. Renting costs one
/// uncontended lock and one object of 40 bytes.</para>
/// </summary>
public sealed class BufferBudget
{
    /// <summary>Bytes of a block. What the form reader hands over at once, and below the 85,000 bytes from which an array is a large
    /// object, which only a full collection would free.</summary>
    public const int BlockBytes = 64 * 1024;

    /// <summary>The smallest budget, in bytes: 128 blocks, of which 32 are always left to move.</summary>
    public const long MinBytes = 8L * 1024 * 1024;

    /// <summary>The budget of a server that was told nothing, in bytes.</summary>
    public const long DefaultBytes = 64L * 1024 * 1024;

    /// <summary>The largest budget, in bytes.</summary>
    public const long MaxBytes = 16L * 1024 * 1024 * 1024;

    /// <summary>Arrays kept while nobody holds them.</summary>
    private const int MostIdle = 256;

    private readonly Lock _gate = new();
    private readonly Stack<byte[]> _idle = new();
    private readonly LinkedList<TaskCompletionSource> _waiting = [];
    private readonly int _blocks;
    private readonly int _gatheringBlocks;
    private int _held;
    private int _gathered;

    /// <param name="bytes">The most that is held at a time, from <see cref="MinBytes"/> to <see cref="MaxBytes"/>; rounded down to whole
    /// blocks.</param>
    public BufferBudget(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, MinBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, MaxBytes);
        _blocks = (int)(bytes / BlockBytes);
        _gatheringBlocks = _blocks / 4 * 3;
    }

    /// <summary>The most bytes that are held at a time.</summary>
    public long TotalBytes => (long)_blocks * BlockBytes;

    /// <summary>The most bytes that gathering may hold at a time.</summary>
    public long GatheringBytes => (long)_gatheringBlocks * BlockBytes;

    /// <summary>Bytes held now, of both sorts.</summary>
    public long HeldBytes
    {
        get
        {
            lock (_gate)
                return (long)_held * BlockBytes;
        }
    }

    /// <summary>Bytes held now by gathering.</summary>
    public long GatheredBytes
    {
        get
        {
            lock (_gate)
                return (long)_gathered * BlockBytes;
        }
    }

    /// <summary>How many wait for room now.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    /// <summary>A block to move bytes with, for no longer than it takes to hand them on. Waits until there is room; first come, first
    /// served.</summary>
    /// <exception cref="OperationCanceledException">The caller's token; the place in the queue is given up.</exception>
    public ValueTask<BufferBlock> RentAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<BufferBlock>(cancellationToken);

        LinkedListNode<TaskCompletionSource> place;
        lock (_gate)
        {
            // While anybody waits there is no room: what is returned goes to the queue. So nobody overtakes.
            if (_held < _blocks)
            {
                _held++;
                return ValueTask.FromResult(new BufferBlock(this, gathering: false));
            }

            place = _waiting.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        return WaitAsync(place, cancellationToken);
    }

    /// <summary>A block to gather bytes in for as long as a client sends. Never waits: false when gathering has its share, or all is
    /// held.</summary>
    public bool TryRent([NotNullWhen(true)] out BufferBlock? block)
    {
        block = null;
        lock (_gate)
        {
            if (_held >= _blocks || _gathered >= _gatheringBlocks)
                return false;

            _held++;
            _gathered++;
        }

        block = new BufferBlock(this, gathering: true);
        return true;
    }

    /// <summary>An array for a block that has its room.</summary>
    internal byte[] Take()
    {
        lock (_gate)
        {
            if (_idle.TryPop(out var bytes))
                return bytes;
        }

        // Pinned: it is handed to the kernel again and again, and never moves among what the collector has to move.
        return GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true);
    }

    /// <summary>Takes the room of a block back, and its array: the first in the queue has the room at once.</summary>
    internal void Return(byte[]? bytes, bool gathering)
    {
        TaskCompletionSource? next = null;
        lock (_gate)
        {
            if (bytes is not null && _idle.Count < MostIdle)
                _idle.Push(bytes);
            if (gathering)
                _gathered--;
            if (_waiting.First is { } first)
            {
                next = first.Value;
                _waiting.RemoveFirst();
            }
            else
            {
                _held--;
            }
        }

        next?.SetResult();
    }

    private async ValueTask<BufferBlock> WaitAsync(LinkedListNode<TaskCompletionSource> place, CancellationToken cancellationToken)
    {
        // Room that was handed over before the token fired is taken all the same; the caller returns it.
        using var stop = cancellationToken.UnsafeRegister((_, token) => Leave(place, token), null);
        await place.Value.Task;
        return new BufferBlock(this, gathering: false);
    }

    private void Leave(LinkedListNode<TaskCompletionSource> place, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (place.List is null)
                return;
            _waiting.Remove(place);
        }

        place.Value.SetCanceled(cancellationToken);
    }
}

/// <summary>A part of a <see cref="BufferBudget"/>. Disposing it returns it; a second time does nothing.</summary>
public sealed class BufferBlock : IDisposable
{
    private readonly BufferBudget _budget;
    private readonly bool _gathering;
    private byte[]? _bytes;

    internal BufferBlock(BufferBudget budget, bool gathering)
    {
        _budget = budget;
        _gathering = gathering;
        try
        {
            _bytes = budget.Take();
        }
        catch (OutOfMemoryException)
        {
            budget.Return(bytes: null, gathering);
            throw;
        }
    }

    /// <summary>The <see cref="BufferBudget.BlockBytes"/> bytes, with whatever the last holder left in them.</summary>
    /// <exception cref="ObjectDisposedException">It has been returned.</exception>
    public Memory<byte> Memory
    {
        get
        {
            var bytes = Volatile.Read(ref _bytes);
            ObjectDisposedException.ThrowIf(bytes is null, this);
            return MemoryMarshal.CreateFromPinnedArray(bytes, 0, BufferBudget.BlockBytes);
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _bytes, null) is { } bytes)
            _budget.Return(bytes, _gathering);
    }
}
