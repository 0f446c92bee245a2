using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace OssProxy.Core.Streams;

/// <summary>
/// The sum of all buffers in which this process holds bytes of files, and the only place where such a buffer comes from (the first look at a
/// file's head aside). It is counted in blocks of 64 KiB, of which there are two sorts:
/// <list type="bullet">
/// <item><b>Moving</b> (<see cref="RentAsync"/>): held only while bytes that have arrived are handed to a store or a disk. Its holder waits
/// for nothing but that, and the store's idle time-out bounds it. Who finds no room waits in turn, and while it waits it does not read, so
/// that the wait reaches the client as back-pressure. Nobody asks for a moving block while holding one.</item>
/// <item><b>Gathering</b> (<see cref="TryRent"/>, <see cref="TryRentReplay"/>): held while a client may still be sending, at whatever pace it
/// likes. Never waits and never takes more than three quarters of the whole; who gets none goes on without.</item>
/// </list>
/// A deadlock is impossible by construction. Whoever waits for room holds gathering blocks at most; those can never be all there are, so what
/// he waits for is, at least in part, held as moving blocks, whose holders wait for the store alone and then return them, to the first in the
/// queue. No circle of uploads that wait for each other can close, because a holder of a moving block never stands in the queue. And clients
/// that trickle pin three quarters at the most; the last quarter goes round among all.
/// <para>Blocks that come back are kept for the next, because the shared pool keeps 64 of them on a machine of two cores and parts need
/// hundreds. Measured with copying included, on two busy cores: three uploads of 256 blocks each cost 0.06 CPU s/GiB kept so and 0.29 from
/// <c>ArrayPool.Shared</c>, 16 of 16 blocks 0.05 and 0.08, 32 of 2 blocks the same. What was not needed between two full collections goes
/// to the collector, so that an idle process keeps none.</para>
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

    private readonly Lock _gate = new();
    private readonly LinkedList<TaskCompletionSource<byte[]>> _waiting = [];
    private readonly Stack<byte[]> _free = new();
    private readonly int _blocks;
    private readonly int _gatheringBlocks;
    private int _held;
    private int _gathered;
    private int _replaying;
    private int _leastFree;

    /// <param name="bytes">The most that is held at a time, from <see cref="MinBytes"/> to <see cref="MaxBytes"/>; rounded down to whole
    /// blocks.</param>
    public BufferBudget(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, MinBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, MaxBytes);
        _blocks = (int)(bytes / BlockBytes);
        _gatheringBlocks = _blocks / 4 * 3;
        FullCollection.Watch(this);
    }

    /// <summary>The most bytes that are held at a time.</summary>
    public long TotalBytes => (long)_blocks * BlockBytes;

    /// <summary>The most bytes that gathering may hold at a time.</summary>
    public long GatheringBytes => (long)_gatheringBlocks * BlockBytes;

    /// <summary>The most bytes that replay buffers may hold at a time, an eighth. A crowd of slow clients would fill any share with what their
    /// files need only at the end; those beyond it stream and hold nothing while they wait.</summary>
    public long ReplayBytes => _blocks / 8 * (long)BlockBytes;

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

    /// <summary>Bytes of blocks that nobody holds and that are kept for the next; never more than there may be in all, together with those
    /// held.</summary>
    public long FreeBytes
    {
        get
        {
            lock (_gate)
                return (long)_free.Count * BlockBytes;
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

        LinkedListNode<TaskCompletionSource<byte[]>>? place = null;
        byte[]? bytes = null;
        lock (_gate)
        {
            // While anybody waits there is no room: what is returned goes to the queue. So nobody overtakes.
            if (_held < _blocks)
                bytes = Take();
            else
                place = _waiting.AddLast(new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        return place is null
            ? ValueTask.FromResult(Make(bytes, BlockUse.Moving))
            : WaitAsync(place, cancellationToken);
    }

    /// <summary>A block to gather bytes in for as long as a client sends. Never waits: false when gathering has its share, or all is
    /// held.</summary>
    public bool TryRent([NotNullWhen(true)] out BufferBlock? block) => TryGather(BlockUse.Gathering, out block);

    /// <summary>The same for a replay buffer: these content themselves with <see cref="ReplayBytes"/> in all.</summary>
    public bool TryRentReplay([NotNullWhen(true)] out BufferBlock? block) => TryGather(BlockUse.Replay, out block);

    /// <summary>Takes a block back: the first in the queue has it at once.</summary>
    internal void Return(byte[] bytes, BlockUse use)
    {
        TaskCompletionSource<byte[]>? next = null;
        lock (_gate)
        {
            Leave(use);
            if (_waiting.First is { } first)
            {
                next = first.Value;
                _waiting.RemoveFirst();
            }
            else
            {
                _held--;
                _free.Push(bytes);
            }
        }

        next?.SetResult(bytes);
    }

    /// <summary>Lets go of the blocks that nobody has needed since the last time.</summary>
    internal void Trim()
    {
        lock (_gate)
        {
            for (; _leastFree > 0; _leastFree--)
                _free.Pop();
            _free.TrimExcess();
            _leastFree = _free.Count;
        }
    }

    private bool TryGather(BlockUse use, [NotNullWhen(true)] out BufferBlock? block)
    {
        block = null;
        byte[]? bytes;
        lock (_gate)
        {
            if (_held >= _blocks || _gathered >= _gatheringBlocks || (use == BlockUse.Replay && _replaying >= _blocks / 8))
                return false;

            bytes = Take();
            _gathered++;
            _replaying += use == BlockUse.Replay ? 1 : 0;
        }

        block = Make(bytes, use);
        return true;
    }

    // Under the lock.
    private byte[]? Take()
    {
        _held++;
        var found = _free.TryPop(out var bytes);
        _leastFree = Math.Min(_leastFree, _free.Count);
        return found ? bytes : null;
    }

    // Under the lock.
    private void Leave(BlockUse use)
    {
        _gathered -= use == BlockUse.Moving ? 0 : 1;
        _replaying -= use == BlockUse.Replay ? 1 : 0;
    }

    private BufferBlock Make(byte[]? bytes, BlockUse use)
    {
        try
        {
            return new BufferBlock(this, bytes ?? GC.AllocateUninitializedArray<byte>(BlockBytes), use);
        }
        catch (OutOfMemoryException)
        {
            // The room is not lost with the memory. Whoever waits for it is given none of what there is not.
            lock (_gate)
            {
                _held--;
                Leave(use);
            }

            throw;
        }
    }

    private async ValueTask<BufferBlock> WaitAsync(LinkedListNode<TaskCompletionSource<byte[]>> place, CancellationToken cancellationToken)
    {
        // What was handed over before the token fired is taken all the same; the caller returns it.
        using var stop = cancellationToken.UnsafeRegister((_, token) => Leave(place, token), null);
        return Make(await place.Value.Task, BlockUse.Moving);
    }

    private void Leave(LinkedListNode<TaskCompletionSource<byte[]>> place, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (place.List is null)
                return;
            _waiting.Remove(place);
        }

        place.Value.SetCanceled(cancellationToken);
    }

    /// <summary>Told by the collector of every full collection: it finalizes this, which then waits for the next.</summary>
    private sealed class FullCollection
    {
        // A weak reference object would be finalized in the same breath as this and tell nothing any more.
        private GCHandle _budget;

        private FullCollection(BufferBudget budget) => _budget = GCHandle.Alloc(budget, GCHandleType.Weak);

#pragma warning disable MA0055 // Nothing else tells of a collection; the shared pool of the runtime does the same.
        ~FullCollection()
#pragma warning restore MA0055
        {
            if (_budget.Target is BufferBudget budget)
            {
                budget.Trim();
                GC.ReRegisterForFinalize(this);
            }
            else
            {
                _budget.Free();
            }
        }

        public static void Watch(BufferBudget budget) => _ = new FullCollection(budget);
    }
}
