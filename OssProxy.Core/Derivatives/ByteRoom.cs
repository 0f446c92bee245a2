using OssProxy.Core.Images;
using OssProxy.Core.Rendering;

namespace OssProxy.Core.Derivatives;

/// <summary>
/// Room in memory for bytes of originals, or of results, for all that the process is making together. Who finds none waits in turn, by
/// client, and holds nothing meanwhile: room is asked for once for a whole job, so that nobody waits for somebody who waits. Who needs
/// little passes those who need more than there is, until the one in front has waited for half of its patience: then room is kept for it. A job
/// that is larger than all the room gets all of it. Nobody waits for ever: those in the room may be waiting for a store that is slow.
/// </summary>
/// <param name="patience">How long somebody waits.</param>
internal sealed class ByteRoom(long bytes, TimeSpan patience, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly FairQueue<Wait> _waiting = new();
    private long _held;

    /// <summary>Bytes that are held now.</summary>
    public long HeldBytes
    {
        get
        {
            lock (_gate)
                return _held;
        }
    }

    /// <summary>Takes room if there is some now, which disposing the result gives back; null if there is none.</summary>
    public IDisposable? TryEnter(long wanted)
    {
        wanted = Math.Min(wanted, bytes);
        lock (_gate)
        {
            if (_held + wanted > bytes)
                return null;
            _held += wanted;
            return new Share(this, wanted);
        }
    }

    /// <summary>Takes room, which disposing the result gives back.</summary>
    /// <param name="client">Who takes it; empty for nobody in particular.</param>
    /// <exception cref="ImageException"><see cref="ImageError.RenderingBusy"/>: there was none in time.</exception>
    public async ValueTask<IDisposable> EnterAsync(long wanted, string client, CancellationToken cancellationToken)
    {
        wanted = Math.Min(wanted, bytes);
        FairQueue<Wait>.Place place;
        lock (_gate)
        {
            // Of the others who wait, those in front need more than there is.
            if (_held + wanted <= bytes && Overdue is null)
            {
                _held += wanted;
                return new Share(this, wanted);
            }

            place = _waiting.Add(client, new Wait(wanted, time.GetTimestamp()));
        }

        try
        {
            await place.Item.Entered.Task.WaitAsync(patience, time, cancellationToken);
            return new Share(this, wanted);
        }
        catch (Exception failure) when (failure is OperationCanceledException or TimeoutException)
        {
            bool hasEntered;
            lock (_gate)
                hasEntered = !_waiting.Remove(place);

            // The one behind may be smaller than the one that has gone.
            Return(hasEntered ? wanted : 0);
            if (failure is TimeoutException)
                throw ImageFaults.Busy();
            throw;
        }
    }

    // Whom nobody may pass any more; null for none.
    private FairQueue<Wait>.Place? Overdue =>
        _waiting.First is { } first && time.GetElapsedTime(first.Item.Since) >= patience / 2 ? first : null;

    private void Return(long returned)
    {
        lock (_gate)
        {
            _held -= returned;
            while ((Overdue is { } overdue ? [overdue] : _waiting.Heads).FirstOrDefault(head => _held + head.Item.Bytes <= bytes) is { } next)
            {
                _waiting.Take(next);
                _held += next.Item.Bytes;
                next.Item.Entered.TrySetResult();
            }
        }
    }

    private sealed record Wait(long Bytes, long Since)
    {
        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Share(ByteRoom room, long bytes) : IDisposable
    {
        private int _isOver;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isOver, 1) == 0)
                room.Return(bytes);
        }
    }
}
