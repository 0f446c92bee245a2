using System.Collections.Concurrent;
using System.Globalization;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Derivatives;

/// <summary>
/// What the store says of originals, remembered for a while so that a result in memory costs no question. An original that has been
/// replaced or deleted is therefore noticed late by as much; one that does not exist, after seconds. Bounded by count: what is remembered
/// is forgotten whole when it becomes too much, which costs one question each.
/// </summary>
internal sealed class SourceHeads(IObjectStore store, TimeSpan memory, TimeProvider time)
{
    private const int MostEntries = 20_000;

    // Long enough that a page which asks in vain in a circle costs little, short enough for whoever uploads and looks at once.
    private static readonly TimeSpan LongestAbsence = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly SharedWork<StoredObject?> _asking = new();
    private readonly Lock _gate = new();
    private long _changes;

    /// <summary>What the store says of an object; null when there is none.</summary>
    /// <exception cref="StoreException">The store failed.</exception>
    public async ValueTask<StoredObject?> FindAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (_entries.TryGetValue(key.Value, out var known))
        {
            var life = known.Found is null && memory > LongestAbsence ? LongestAbsence : memory;
            if (time.GetElapsedTime(known.At) < life)
                return known.Found;
        }

        // Who comes after a change does not wait for an answer to a question from before it.
        var changes = Interlocked.Read(ref _changes);
        var name = string.Create(CultureInfo.InvariantCulture, $"{changes} {key.Value}");
        return await _asking.RunAsync(name, turn => AskAsync(key, changes, turn.Token), admit: null, cancellationToken);
    }

    /// <summary>What the store says of an object now, whatever is remembered; that is remembered from now on.</summary>
    /// <exception cref="StoreException">The store failed.</exception>
    public Task<StoredObject?> AskAsync(ObjectKey key, CancellationToken cancellationToken) =>
        AskAsync(key, Interlocked.Read(ref _changes), cancellationToken);

    /// <summary>Forgets an object that is known to have changed.</summary>
    public void Forget(ObjectKey key)
    {
        lock (_gate)
        {
            _changes++;
            _entries.TryRemove(key.Value, out _);
        }
    }

    private async Task<StoredObject?> AskAsync(ObjectKey key, long changes, CancellationToken cancellationToken)
    {
        var at = time.GetTimestamp();
        var found = await store.HeadAsync(key, cancellationToken);
        lock (_gate)
        {
            // What was asked while something changed may be older than the change.
            if (changes != _changes)
                return found;
            if (_entries.Count >= MostEntries)
                _entries.Clear();
            _entries[key.Value] = new Entry(found, at);
        }

        return found;
    }

    private sealed record Entry(StoredObject? Found, long At);
}
