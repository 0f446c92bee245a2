using System.Collections.Concurrent;
using OssProxy.Core.Images;

namespace OssProxy.Core.Derivatives;

/// <summary>
/// What cannot be made of an original, for a while: every look at a broken picture would otherwise fetch it whole and cost a renderer's
/// time. Under the names of results, so that an original that has been replaced is tried at once. Bounded by count: it is forgotten whole
/// when it becomes too much.
/// </summary>
internal sealed class RefusalMemory(TimeProvider time)
{
    private const int MostEntries = 10_000;

    // Long enough for a page that is looked at by many, short enough for whoever has given the workers more memory.
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, (ImageException Refusal, long At)> _entries = new(StringComparer.Ordinal);

    /// <summary>The refusal of a result, to be thrown; null for one that may be tried.</summary>
    public ImageException? Find(string hash) =>
        _entries.TryGetValue(hash, out var entry) && time.GetElapsedTime(entry.At) < Life && entry.Refusal is var known
            ? new ImageException(known.Error, known.Code, known.Message, known.Ec, known) : null;

    /// <summary>Remembers a refusal, if the next try would end in the same.</summary>
    public void Keep(string hash, ImageException refusal)
    {
        if (refusal.Error is not (ImageError.ImageDamaged or ImageError.ImageTooLarge or ImageError.ProcessRefused or ImageError.WatermarkRefused))
            return;
        if (_entries.Count >= MostEntries)
            _entries.Clear();
        _entries[hash] = (refusal, time.GetTimestamp());
    }
}
