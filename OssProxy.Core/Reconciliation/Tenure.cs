using OssProxy.Core.Records;

namespace OssProxy.Core.Reconciliation;

/// <summary>
/// The time for which this process believes in its lease: two thirds of the duration since it last asked for it with success, by its own
/// monotonic clock, so that it stops before anybody else begins, whatever the wall clocks say. Once over it stays over.
/// </summary>
internal sealed class Tenure : IDisposable
{
    private readonly CancellationTokenSource _end;
    private readonly CancellationTokenSource _either;
    private readonly TimeProvider _time;
    private readonly TimeSpan _certain;
    private long _confirmedAt;

    /// <param name="askedAt">The timestamp of the moment before the lease was asked for.</param>
    public Tenure(LeaseHold hold, TimeSpan duration, long askedAt, TimeProvider time, CancellationToken stoppingToken)
    {
        Hold = hold;
        _time = time;
        _certain = duration * 2 / 3;
        _confirmedAt = askedAt;
        _end = new CancellationTokenSource(_certain, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_end.Token, stoppingToken);
        Token = _either.Token;
    }

    /// <summary>What writes carry.</summary>
    public LeaseHold Hold { get; }

    /// <summary>Cancelled when the tenure is over, or the process stops.</summary>
    public CancellationToken Token { get; }

    /// <summary>To be called before what no fence can hold back. A process that was stopped and continued gets here before its timers
    /// do.</summary>
    /// <exception cref="OperationCanceledException">The tenure is over.</exception>
    public void ThrowIfOver()
    {
        if (_time.GetElapsedTime(Volatile.Read(ref _confirmedAt)) >= _certain)
            _end.Cancel();
        Token.ThrowIfCancellationRequested();
    }

    /// <summary>The lease has been renewed; asked for at this timestamp.</summary>
    public void Confirm(long askedAt)
    {
        Volatile.Write(ref _confirmedAt, askedAt);
        var left = _certain - _time.GetElapsedTime(askedAt);
        if (left > TimeSpan.Zero)
            _end.CancelAfter(left);
        else
            _end.Cancel();
    }

    /// <summary>The lease is lost, or needed no longer.</summary>
    public void End() => _end.Cancel();

    public void Dispose()
    {
        _either.Dispose();
        _end.Dispose();
    }
}
