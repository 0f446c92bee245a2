using System.Collections.Concurrent;

namespace OssProxy.Core.Identity;

/// <summary>
/// The requests of one process. All subjects share one minute, so that a minute is forgotten as a whole: nothing has to look for who has
/// been idle. (The framework's PartitionedRateLimiter has a timer of its own instead of our <see cref="TimeProvider"/>, looks through its
/// partitions ten times a second, and its fixed window says "a minute" however little of it is left.)
/// </summary>
internal sealed class LocalRequestCounts(TimeProvider time) : IRequestCounts
{
    /// <summary>Most subjects that are told apart in one minute, of about 200 bytes each. With more, everybody begins anew: it takes that
    /// many addresses to loosen a limit so.</summary>
    internal const int MostSubjects = 100_000;

    private readonly long _start = time.GetTimestamp();
    private Window _window = new(0);

    /// <summary>How many subjects are remembered.</summary>
    internal int Subjects => Volatile.Read(ref _window).Subjects;

    /// <inheritdoc/>
    public ValueTask<TimeSpan?> CountAsync(string subject, int most, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var elapsed = time.GetElapsedTime(_start);
        var window = Current(elapsed.Ticks / TimeSpan.TicksPerMinute);
        var count = window.Increment(subject);
        return ValueTask.FromResult<TimeSpan?>(count <= most ? null : TimeSpan.FromMinutes(window.Minute + 1) - elapsed);
    }

    private Window Current(long minute)
    {
        while (true)
        {
            // Whoever read the clock just before the turn counts in the new minute.
            var window = Volatile.Read(ref _window);
            if (minute <= window.Minute && window.Subjects < MostSubjects)
                return window;
            Interlocked.CompareExchange(ref _window, new Window(Math.Max(minute, window.Minute)), window);
        }
    }

    private sealed class Window(long minute)
    {
        private readonly ConcurrentDictionary<string, Counter> _counts = new(StringComparer.Ordinal);
        private int _subjects;

        public long Minute => minute;

        // The dictionary would take all its locks to tell.
        public int Subjects => Volatile.Read(ref _subjects);

        public int Increment(string subject)
        {
            if (!_counts.TryGetValue(subject, out var counter))
            {
                var own = new Counter();
                counter = _counts.GetOrAdd(subject, own);
                if (counter == own)
                    Interlocked.Increment(ref _subjects);
            }

            return counter.Increment();
        }
    }

    private sealed class Counter
    {
        private int _count;

        public int Increment() => Interlocked.Increment(ref _count);
    }
}
