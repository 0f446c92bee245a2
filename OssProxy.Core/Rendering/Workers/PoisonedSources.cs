namespace OssProxy.Core.Rendering.Workers;

/// <summary>
/// Remembers which sources have cost a worker. The first time may have been chance; after the second a source is poisoned for a while and
/// is not tried again. Bytes that bring a library down are not tried with any process; what took too long or too much memory is blamed on the
/// source and the process together, because a lighter one may well be done. A success speaks for that pair alone: what is said against a
/// source as a whole ends with its time, which the first loss begins and the second begins anew. At most <see cref="MostKeys"/> are
/// remembered, and the one that was seen least recently makes room.
/// </summary>
internal sealed class PoisonedSources(TimeSpan period, TimeProvider time)
{
    /// <summary>Keys that are remembered, of some hundred bytes each.</summary>
    public const int MostKeys = 10_000;

    private const int MostLosses = 2;

    private readonly Dictionary<Key, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _order = new();

    /// <summary>What a poisoned source did last; null for one that may be tried with this process.</summary>
    public WorkerLoss? this[string source, string process]
    {
        get
        {
            lock (_entries)
                return LossOf(new Key(source, Process: null)) ?? LossOf(new Key(source, process));
        }
    }

    /// <summary>A source has cost a worker; true when it is poisoned from now on. Losses that overlap are one: whatever ends all workers at
    /// once, such as a system that has run out of memory, says nothing against a source that several of them were at.</summary>
    /// <param name="begunAt">When the job began that was lost; null for one that began after every loss before.</param>
    public bool Blame(string source, string process, WorkerLoss loss, long? begunAt = null)
    {
        var key = new Key(source, loss is WorkerLoss.TimedOut or WorkerLoss.TooMuchMemory ? process : null);
        lock (_entries)
        {
            var known = Find(key);
            var overlaps = known is not null && begunAt < known.LostAt;
            var losses = (known?.Losses ?? 0) + (overlaps ? 0 : 1);
            Remove(key);
            _entries[key] = _order.AddLast(new Entry(key, losses, loss, time.GetTimestamp(), time.GetUtcNow() + period));
            if (_entries.Count > MostKeys)
                Remove(_order.First!.Value.Key);
            return losses >= MostLosses;
        }
    }

    /// <summary>A source was rendered with this process after all.</summary>
    public void Acquit(string source, string process)
    {
        lock (_entries)
            Remove(new Key(source, process));
    }

    private WorkerLoss? LossOf(Key key) => Find(key) is { Losses: >= MostLosses } entry ? entry.Loss : null;

    private Entry? Find(Key key)
    {
        if (!_entries.TryGetValue(key, out var node))
            return null;
        if (node.Value.Until <= time.GetUtcNow())
        {
            Remove(key);
            return null;
        }

        return node.Value;
    }

    private void Remove(Key key)
    {
        if (_entries.Remove(key, out var node))
            _order.Remove(node);
    }

    // Null for the source whatever is done to it.
    private readonly record struct Key(string Source, string? Process);

    private sealed record Entry(Key Key, int Losses, WorkerLoss Loss, long LostAt, DateTimeOffset Until);
}
