using System.Collections.Concurrent;

namespace OssProxy.Core.Derivatives;

/// <summary>
/// Small results in memory. A look takes no lock: it sets a mark, and who needs room passes over what has been marked since the last time
/// and takes the mark away (the clock algorithm), so that what is asked for stays.
/// </summary>
internal sealed class ResultMemory(long bytes)
{
    /// <summary>The largest result that is kept, in bytes.</summary>
    public const int MaxEntryBytes = 512 * 1024;

    // What an entry costs beside its bytes: name, objects, its place in the table.
    private const int EntryCost = 512;

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Queue<Entry> _clock = new();
    private readonly Lock _gate = new();
    private long _held;

    /// <summary>Bytes that are held now.</summary>
    public long HeldBytes => Interlocked.Read(ref _held);

    /// <summary>Whether a result of this length is kept.</summary>
    public bool Takes(long length) => length <= MaxEntryBytes && length + EntryCost <= bytes;

    /// <summary>A result; null when it is not here.</summary>
    public KeptResult? Find(string hash)
    {
        if (!_entries.TryGetValue(hash, out var entry))
            return null;
        // Written only once: a line of memory that many write is slow for all of them.
        if (!Volatile.Read(ref entry.IsUsed))
            Volatile.Write(ref entry.IsUsed, true);
        return entry.Result;
    }

    /// <summary>Keeps a result, if it is small enough.</summary>
    public void Keep(string hash, KeptResult result)
    {
        if (!Takes(result.Content.Length))
            return;
        var entry = new Entry(hash, result);
        lock (_gate)
        {
            if (!_entries.TryAdd(hash, entry))
                return;
            _clock.Enqueue(entry);
            _held += entry.Cost;
            while (_held > bytes)
                Pass();
        }
    }

    private void Pass()
    {
        var oldest = _clock.Dequeue();
        if (Volatile.Read(ref oldest.IsUsed))
        {
            Volatile.Write(ref oldest.IsUsed, false);
            _clock.Enqueue(oldest);
            return;
        }

        _entries.TryRemove(oldest.Hash, out _);
        _held -= oldest.Cost;
    }

    private sealed class Entry(string hash, KeptResult result)
    {
        public bool IsUsed;

        public string Hash { get; } = hash;

        public KeptResult Result { get; } = result;

        public int Cost => Result.Content.Length + EntryCost;
    }
}

/// <summary>A result whose bytes are at hand.</summary>
/// <param name="MediaType">One of <see cref="ResultTypes"/>.</param>
public sealed record KeptResult(byte[] Content, string MediaType);
