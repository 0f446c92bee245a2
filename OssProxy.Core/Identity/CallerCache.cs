using System.Collections.Concurrent;

namespace OssProxy.Core.Identity;

/// <summary>
/// The callers that this process has looked up a moment ago, by the hash of their tokens, so that a client with many requests costs the
/// database one look a second. What another node revokes is believed here for <see cref="Lifetime"/> at most; what this one revokes, not at
/// all.
/// </summary>
internal sealed class CallerCache(TimeProvider time)
{
    /// <summary>How long a caller is believed without asking. Half of what a revocation may take on other nodes, 2 seconds.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(1);

    // Of about 300 bytes each. Only good tokens are kept, so that nobody fills it with invented ones.
    private const int Most = 10_000;

    private readonly ConcurrentDictionary<string, (Caller Caller, long At)> _callers = new(StringComparer.Ordinal);
    private long _generation;

    /// <summary>The caller, if it was looked up within the lifetime.</summary>
    public Caller? Find(string hash) =>
        _callers.TryGetValue(hash, out var found) && time.GetElapsedTime(found.At) < Lifetime ? found.Caller : null;

    /// <summary>To be asked before a look at the database and given to <see cref="Keep"/> with what it showed.</summary>
    public long Generation => Interlocked.Read(ref _generation);

    /// <summary>Keeps a caller, unless something was revoked since the look began.</summary>
    /// <param name="asked">When the look began, as <see cref="TimeProvider.GetTimestamp"/> tells it.</param>
    public void Keep(string hash, Caller caller, long generation, long asked)
    {
        if (_callers.Count >= Most)
            _callers.Clear();
        _callers[hash] = (caller, asked);
        if (Generation != generation)
            _callers.TryRemove(hash, out _);
    }

    /// <summary>Forgets everybody: revocations are rare, and one look each is cheap.</summary>
    public void Clear()
    {
        Interlocked.Increment(ref _generation);
        _callers.Clear();
    }
}
