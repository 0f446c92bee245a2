using OssProxy.Core.Streams;

namespace OssProxy.Core.Transfers;

/// <summary>Why gathering ended.</summary>
internal enum Gathering
{
    /// <summary>The body is at its end: all of it, or all that was left, is here.</summary>
    Ended,

    /// <summary>As much is here as was wanted.</summary>
    Full,

    /// <summary>The budget had no more room.</summary>
    NoRoom,
}

/// <summary>
/// The beginning of a body, or a part of it, in blocks that are taken one by one as the bytes arrive: a file of 20 KB costs one block, not
/// the megabyte that it might have needed. Disposing it returns all of them.
/// </summary>
internal sealed class Gathered(BufferBudget budget) : IDisposable
{
    private readonly List<BufferBlock> _blocks = [];
    private int _forgotten;

    /// <summary>Whether what is taken from now on is a replay buffer, of which there may be less, or a part.</summary>
    public bool IsReplay { get; set; }

    /// <summary>Bytes gathered.</summary>
    public long Length { get; private set; }

    /// <summary>Reads until <paramref name="most"/> bytes are here in all. Holds a block while the client is waited for; never waits for
    /// one.</summary>
    public async ValueTask<Gathering> FillAsync(Stream body, long most, CancellationToken cancellationToken)
    {
        while (Length < most)
        {
            if (Length == Capacity)
            {
                if (!(IsReplay ? budget.TryRentReplay(out var block) : budget.TryRent(out block)))
                    return Gathering.NoRoom;
                _blocks.Add(block);
            }

            var free = (int)Math.Min(Capacity - Length, most - Length);
            var read = await body.ReadAsync(_blocks[^1].Memory.Slice(Offset(Length), free), cancellationToken);
            if (read == 0)
                return Gathering.Ended;
            Length += read;
        }

        return Gathering.Full;
    }

    /// <summary>What stands at a position, as far as one block has it; empty at the end.</summary>
    public ReadOnlyMemory<byte> At(long position)
    {
        var count = (int)Math.Min(BufferBudget.BlockBytes - Offset(position), Length - position);
        return count > 0 ? _blocks[(int)(position / BufferBudget.BlockBytes)].Memory.Slice(Offset(position), count) : default;
    }

    /// <summary>Returns the blocks that hold nothing from this position on; what was in them cannot be read again.</summary>
    public void ForgetBefore(long position)
    {
        while (_forgotten < _blocks.Count && (position == Length || (_forgotten + 1L) * BufferBudget.BlockBytes <= position))
            _blocks[_forgotten++].Dispose();
    }

    public void Dispose() => _blocks.ForEach(block => block.Dispose());

    private long Capacity => (long)_blocks.Count * BufferBudget.BlockBytes;

    private static int Offset(long position) => (int)(position % BufferBudget.BlockBytes);
}
