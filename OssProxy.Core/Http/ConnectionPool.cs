namespace OssProxy.Core.Http;

/// <summary>
/// The connections to one origin: as many as are wanted at a time, and those that wait for the next request for as long as the far end
/// surely keeps them. The one that was used last is used next, so that what a crowd needed goes away afterwards.
/// </summary>
internal sealed class ConnectionPool : IDisposable
{
    private readonly HttpOrigin _origin;
    private readonly Dialing _dialing;
    private readonly TimeProvider _time;
    private readonly TimeSpan _idle;
    private readonly TimeSpan _lifetime;
    private readonly Lock _gate = new();

    // The last is the one that was used last.
    private readonly List<Connection> _waiting = [];
    private readonly ITimer _sweep;
    private bool _sweeping;
    private bool _disposed;

    /// <param name="idle">How long a connection waits.</param>
    /// <param name="lifetime">How old one gets before it is replaced, so that a domain that moves is noticed.</param>
    public ConnectionPool(HttpOrigin origin, Dialing dialing, TimeProvider time, TimeSpan idle, TimeSpan lifetime)
    {
        _origin = origin;
        _dialing = dialing;
        _time = time;
        _idle = idle;
        _lifetime = lifetime;
        _sweep = time.CreateTimer(static pool => ((ConnectionPool)pool!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A connection for one exchange, which gives it back or disposes it.</summary>
    /// <exception cref="ConnectException">No connection came about.</exception>
    public async ValueTask<Connection> TakeAsync(CancellationToken cancellationToken)
    {
        while (TakeWaiting() is { } connection)
        {
            if (!IsOver(connection) && !connection.IsStale)
                return connection;
            connection.Dispose();
        }

        return await _dialing.DialAsync(_origin, _time, cancellationToken);
    }

    /// <summary>Takes back a connection on which the exchange is complete.</summary>
    public void Give(Connection connection)
    {
        connection.IdleSince = _time.GetTimestamp();
        connection.Park();
        lock (_gate)
        {
            if (!_disposed)
            {
                _waiting.Add(connection);
                if (!_sweeping)
                    _sweeping = _sweep.Change(_idle, Timeout.InfiniteTimeSpan);
                return;
            }
        }

        connection.Dispose();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _waiting.ForEach(connection => connection.Dispose());
            _waiting.Clear();
        }

        _sweep.Dispose();
    }

    private Connection? TakeWaiting()
    {
        lock (_gate)
        {
            if (_waiting.Count == 0)
                return null;

            var last = _waiting[^1];
            _waiting.RemoveAt(_waiting.Count - 1);
            return last;
        }
    }

    private bool IsOver(Connection connection) =>
        _time.GetElapsedTime(connection.IdleSince) >= _idle || _time.GetElapsedTime(connection.MadeAt) >= _lifetime;

    private bool EndWhenOver(Connection connection)
    {
        var isOver = IsOver(connection);
        if (isOver)
            connection.Dispose();
        return isOver;
    }

    private void Sweep()
    {
        lock (_gate)
        {
            if (_disposed)
                return;

            // The clock goes on: each is judged once, or one could be forgotten without having been ended.
            _waiting.RemoveAll(EndWhenOver);
            _sweeping = _waiting.Count > 0 && _sweep.Change(_idle, Timeout.InfiniteTimeSpan);
        }
    }
}
