using OssProxy.Core.Http;

namespace OssProxy.Core.Oss;

/// <summary>
/// Measures how long the store has kept us waiting. It runs between <see cref="Start"/> and <see cref="Stop"/> and stands while somebody
/// else is waited for; what it cancels, and nothing else, is the store's fault. Each <see cref="Start"/> begins anew, and so does each byte
/// that a watched connection gets through: what the kernel has taken from us may take a thin line longer than any time-out, and is no
/// silence. Starting and stopping are two writes: a timer looks four times in the limit, so that silence is noticed a quarter late at worst.
/// </summary>
internal sealed class IdleClock : IDisposable
{
    private const int Looks = 4;

    private readonly Lock _gate = new();
    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _cancellation;
    private readonly ITimer _timer;
    private Exchange? _exchange;
    private long? _moved;
    private long _startedAt;
    private bool _running;
    private bool _disposed;

    public IdleClock(TimeSpan limit, TimeProvider time, CancellationToken caller)
    {
        _limit = limit;
        _time = time;
        _cancellation = CancellationTokenSource.CreateLinkedTokenSource(caller);
        _timer = time.CreateTimer(static clock => ((IdleClock)clock!).Look(), this, limit / Looks, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Cancelled by the caller's token, and when the store was waited for too long.</summary>
    public CancellationToken Token => _cancellation.Token;

    /// <summary>Whether it was this clock that cancelled.</summary>
    public bool Expired { get; private set; }

    /// <summary>From now on, what the connection of this exchange moves counts as a sign of life.</summary>
    public void Watch(Exchange exchange)
    {
        lock (_gate)
        {
            _exchange = exchange;
            _moved = exchange.Moved;
        }
    }

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

            var now = _time.GetTimestamp();
            if (_exchange?.Moved is { } moved && moved != _moved)
            {
                _moved = moved;
                _startedAt = now;
            }

            var rest = _running ? _limit - _time.GetElapsedTime(_startedAt, now) : _limit;
            if (rest > TimeSpan.Zero)
            {
                // Timers count whole milliseconds and round down.
                var next = rest < _limit / Looks ? rest : _limit / Looks;
                _timer.Change(next + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
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
