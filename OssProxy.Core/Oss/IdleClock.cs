namespace OssProxy.Core.Oss;

/// <summary>
/// Measures how long the store has kept us waiting. It runs between <see cref="Start"/> and <see cref="Stop"/> and stands while somebody
/// else is waited for; what it cancels, and nothing else, is the store's fault. Each <see cref="Start"/> begins anew. Starting and stopping
/// are two writes: the timer looks at the time of the last start when it fires and goes on sleeping for the rest.
/// </summary>
internal sealed class IdleClock : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _cancellation;
    private readonly ITimer _timer;
    private long _startedAt;
    private bool _running;
    private bool _disposed;

    public IdleClock(TimeSpan limit, TimeProvider time, CancellationToken caller)
    {
        _limit = limit;
        _time = time;
        _cancellation = CancellationTokenSource.CreateLinkedTokenSource(caller);
        _timer = time.CreateTimer(static clock => ((IdleClock)clock!).Look(), this, limit, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Cancelled by the caller's token, and when the store was waited for too long.</summary>
    public CancellationToken Token => _cancellation.Token;

    /// <summary>Whether it was this clock that cancelled.</summary>
    public bool Expired { get; private set; }

    /// <summary>From now on the store is waited for.</summary>
    public void Start()
    {
        lock (_gate)
        {
            _startedAt = _time.GetTimestamp();
            _running = true;
        }
    }

    /// <summary>From now on somebody else is waited for.</summary>
    public void Stop()
    {
        lock (_gate)
            _running = false;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
                return;

            _disposed = true;
        }

        _timer.Dispose();
        _cancellation.Dispose();
    }

    private void Look()
    {
        lock (_gate)
        {
            if (_disposed)
                return;

            var rest = _running ? _limit - _time.GetElapsedTime(_startedAt) : _limit;
            if (rest > TimeSpan.Zero)
            {
                // Timers count whole milliseconds and round down.
                _timer.Change(rest + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
                return;
            }

            Expired = true;
        }

        try
        {
            _cancellation.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The exchange ended in the same instant.
        }
    }
}
