using System.Buffers;
using System.IO.Pipelines;
using OssProxy.Core.Uploads;

namespace OssProxy.Api.Forms;

/// <summary>
/// The body of a request as the client sends it. Watches the client while it is waited for, and only then: who sends nothing, or too
/// little, or goes on for too long is cut off, and every failure of reading comes out as the client's. Costs no timer for a body that is
/// already there.
/// </summary>
internal sealed class ClientBody : IDisposable
{
    private readonly HttpContext _context;
    private readonly PipeReader _reader;
    private ClientPatience _patience;
    private readonly TimeProvider _time;
    private readonly long _began;
    private readonly Lock _gate = new();
    private ITimer? _timer;
    private UploadException? _verdict;
    private ReadOnlySequence<byte> _given;
    private bool _reading;
    private long _arrived;
    private TimeSpan _waited;
    private TimeSpan _windowBegan;
    private long _windowArrived;
    private long _waitingSince;
    private bool _waiting;
    private bool _disposed;

    public ClientBody(HttpContext context, ClientPatience patience, TimeProvider time)
    {
        _context = context;
        _reader = context.Request.BodyReader;
        _patience = patience;
        _time = time;
        _began = time.GetTimestamp();
    }

    /// <summary>Bytes that have been used up.</summary>
    public long Consumed { get; private set; }

    /// <summary>The most bytes that can still come, those that are here included; null when the client did not say.</summary>
    public long? Rest => _context.Request.ContentLength - Consumed;

    /// <summary>Changes how long the request may take in all, from its beginning.</summary>
    public void GiveTime(TimeSpan total)
    {
        lock (_gate)
            _patience = _patience with { Total = total };
    }

    /// <summary>What is here and has not been used up; waits for more when all of it has been looked at.</summary>
    /// <exception cref="UploadException">The client's fault.</exception>
    public ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken)
    {
        ValueTask<ReadResult> reading;
        try
        {
            // Without the token: a read of Kestrel's that a token has ended cannot be followed by another, so that the rest of the body could
            // not be taken in and the client would be cut off before it has its answer.
            cancellationToken.ThrowIfCancellationRequested();
            reading = _reader.ReadAsync(CancellationToken.None);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested && ClientFault.Of(failure, _context) is { } blamed)
        {
            throw blamed;
        }

        return reading.IsCompletedSuccessfully ? ValueTask.FromResult(Given(reading.Result)) : WaitAsync(reading, cancellationToken);
    }

    /// <summary>What was read has been used up to there; the rest is given again at once.</summary>
    public void Use(SequencePosition end) => Advance(end, end);

    /// <summary>What was read has been used up to there, and nothing can be made of the rest until more has come.</summary>
    public void UseAndAskForMore(SequencePosition end) => Advance(end, _given.End);

    /// <summary>Nothing can be made of what was read until more has come.</summary>
    public void AskForMore() => Advance(_given.Start, _given.End);

    public void Dispose()
    {
        lock (_gate)
            _disposed = true;
        _timer?.Dispose();
        if (!_reading)
            return;

        // After a refusal of what was just read: a connection whose reading is still open cannot be used again.
        try
        {
            _reader.AdvanceTo(_given.Start);
        }
        catch (Exception failure) when (ClientFault.Of(failure, _context) is not null)
        {
            // The connection has gone, and the refusal is what is to be told.
        }
    }

    private void Advance(SequencePosition consumed, SequencePosition examined)
    {
        Consumed += _given.Slice(0, consumed).Length;
        _given = default;
        _reading = false;
        try
        {
            _reader.AdvanceTo(consumed, examined);
        }
        catch (Exception failure) when (ClientFault.Of(failure, _context) is { } blamed)
        {
            throw blamed;
        }
    }

    private ReadResult Given(ReadResult result)
    {
        _given = result.Buffer;
        _reading = true;
        _arrived = Consumed + result.Buffer.Length;

        // Who has sent all is judged no more. Where nothing has to be waited for there is no timer, and the whole time is looked at here.
        if (result.IsCompleted)
            return result;
        if (result.IsCanceled && _verdict is { } verdict)
            throw verdict;
        return _time.GetElapsedTime(_began) < _patience.Total ? result : throw TooLong();
    }

    private async ValueTask<ReadResult> WaitAsync(ValueTask<ReadResult> reading, CancellationToken cancellationToken)
    {
        Watch();
        try
        {
            using var stop = cancellationToken.UnsafeRegister(static body => ((ClientBody)body!).Interrupt(), this);
            var result = Given(await reading);
            if (result is { IsCanceled: true, IsCompleted: false })
                cancellationToken.ThrowIfCancellationRequested();
            return result;
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested && ClientFault.Of(failure, _context) is { } blamed)
        {
            throw blamed;
        }
        finally
        {
            lock (_gate)
            {
                _waiting = false;
                _waited += _time.GetElapsedTime(_waitingSince);
            }
        }
    }

    private void Watch()
    {
        lock (_gate)
        {
            _waiting = true;
            _waitingSince = _time.GetTimestamp();
            _timer ??= _time.CreateTimer(
                static body => ((ClientBody)body!).Look(), this, UntilNextLook(TimeSpan.Zero, _time.GetElapsedTime(_began)), Timeout.InfiniteTimeSpan);
        }
    }

    // The timer is set once and looks when it fires: a read that waits costs two writes, not two changes of a timer.
    private void Look()
    {
        lock (_gate)
        {
            if (_disposed)
                return;

            var silent = _waiting ? _time.GetElapsedTime(_waitingSince) : TimeSpan.Zero;
            var total = _time.GetElapsedTime(_began);
            _verdict = Judge(silent, _waited + silent, total);
            if (_verdict is null)
                _timer!.Change(UntilNextLook(silent, total), Timeout.InfiniteTimeSpan);
            else
                CutOff();
        }
    }

    private void Interrupt()
    {
        lock (_gate)
        {
            if (!_disposed)
                CutOff();
        }
    }

    // Within the lock, so that it never meets the next request of the connection.
    private void CutOff()
    {
        try
        {
            _reader.CancelPendingRead();
        }
        catch (Exception failure) when (ClientFault.Of(failure, _context) is not null)
        {
            // The connection has been taken away: whoever reads hears of it. Out of a timer it would end the process.
        }
    }

    private TimeSpan UntilNextLook(TimeSpan silent, TimeSpan total)
    {
        // While nobody waits the window stands still, and its end comes no nearer by looking.
        var window = _patience.RateWindow - (_waiting ? _waited + silent - _windowBegan : TimeSpan.Zero);

        // Timers count whole milliseconds and round down.
        return Shortest(_patience.Idle - silent, window, _patience.Total - total) + TimeSpan.FromMilliseconds(1);
    }

    private UploadException? Judge(TimeSpan silent, TimeSpan waited, TimeSpan total)
    {
        if (total >= _patience.Total)
            return TooLong();
        if (silent >= _patience.Idle)
            return new UploadException(UploadError.ClientIdle, "The client has gone silent.");
        if (waited - _windowBegan < _patience.RateWindow)
            return null;

        var arrived = _arrived;
        var rate = (arrived - _windowArrived) / (waited - _windowBegan).TotalSeconds;
        _windowBegan = waited;
        _windowArrived = arrived;
        return rate < _patience.MinBytesPerSecond
            ? new UploadException(UploadError.ClientTooSlow, "The client sends more slowly than Uploads:MinBytesPerSecond.")
            : null;
    }

    private static UploadException TooLong() => new(UploadError.ClientTooSlow, "The upload has taken longer than Uploads:TimeBudget.");

    private static TimeSpan Shortest(params ReadOnlySpan<TimeSpan> spans)
    {
        var shortest = TimeSpan.MaxValue;
        foreach (var span in spans)
            shortest = span < shortest ? span : shortest;
        return shortest > TimeSpan.Zero ? shortest : TimeSpan.Zero;
    }
}
