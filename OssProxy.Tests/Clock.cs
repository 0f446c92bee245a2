namespace OssProxy.Tests;

/// <summary>A clock that stands still until it is moved; timers fire, in order, when it passes them.</summary>
internal sealed class Clock(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<Timer> _timers = [];
    private DateTimeOffset _now = start;

    public Clock()
        : this(new DateTimeOffset(2026, 1, 5, 8, 0, 0, TimeSpan.Zero))
    {
    }

    /// <summary>How many timers are armed: what a test waits for before it moves the clock.</summary>
    public int Armed
    {
        get
        {
            lock (_gate)
                return _timers.Count;
        }
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
            return _now;
    }

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock and fires what falls due, in order.</summary>
    public void Advance(TimeSpan by)
    {
        var end = GetUtcNow() + by;
        while (true)
        {
            Timer? due;
            lock (_gate)
            {
                due = _timers.Where(t => t.Due <= end).MinBy(t => t.Due);
                _now = due?.Due is { } at && at > _now ? at : due is null ? end : _now;
                if (due is null)
                    return;

                _timers.Remove(due);
            }

            due.Fire();
        }
    }

    /// <summary>
    /// Moves the clock on, step by step, until the condition holds. What runs in the background arms its timers when it gets there, so a
    /// single move may come before the timer that it is meant for.
    /// </summary>
    public Task AdvanceUntilAsync(Func<bool> condition, TimeSpan step, string what) =>
        Eventually.TrueAsync(
            () =>
            {
                if (condition())
                    return Task.FromResult(true);
                Advance(step);
                return Task.FromResult(false);
            },
            what);

    private sealed class Timer(Clock clock, TimerCallback callback, object? state) : ITimer
    {
        public DateTimeOffset Due { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                clock._timers.Remove(this);
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    Due = clock._now + dueTime;
                    clock._timers.Add(this);
                }

                return true;
            }
        }

        public void Dispose()
        {
            lock (clock._gate)
                clock._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
