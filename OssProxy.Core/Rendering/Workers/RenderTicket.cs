namespace OssProxy.Core.Rendering.Workers;

/// <summary>One job on its way through the pool.</summary>
/// <param name="job">Null when only a worker is wanted, to be asked what it is.</param>
/// <param name="enqueuedAt">A timestamp of the pool's clock.</param>
internal sealed class RenderTicket(RenderJob? job, string poisonKey, long enqueuedAt) : IDisposable
{
    private readonly TaskCompletionSource _taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<RenderResult?> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _abandoned = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource? _borrowed;
    private bool _isLeft;
    private volatile bool _hasWaited;

    public RenderJob? Job { get; } = job;

    public bool IsUrgent => Job is { IsUrgent: true };

    /// <summary>Whose turn it is when it is this one's.</summary>
    public string Client => Job?.Client ?? "";

    /// <summary>Whether its time in the queue is over.</summary>
    public bool HasWaited
    {
        get => _hasWaited;
        set => _hasWaited = value;
    }

    /// <summary>Where it waits: the queue's own.</summary>
    internal FairQueue<RenderTicket>.Place? Place { get; set; }

    public string PoisonKey { get; } = poisonKey;

    /// <summary>What is done to the source, in its one spelling, with the format that was negotiated: what takes an encoder of AVIF too long
    /// may be nothing to that of WebP.</summary>
    public string Process { get; } = job is null ? "" : $"{job.Process.Canonical} {job.Preferred}";

    public long EnqueuedAt { get; } = enqueuedAt;

    /// <summary>Ends when a lane has taken it.</summary>
    public Task Taken => _taken.Task;

    /// <summary>What came of it.</summary>
    public Task<RenderResult?> Done => _done.Task;

    /// <summary>Nobody waits for it any more.</summary>
    public CancellationToken Abandoned => _abandoned.Token;

    public void Take() => _taken.TrySetResult();

    public void Complete(RenderResult? result) => _done.TrySetResult(result);

    public void Fail(Exception failure)
    {
        _taken.TrySetResult();
        _done.TrySetException(failure);

        // Who has left does not look; that is no fault that anybody should hear of.
        _ = _done.Task.Exception;
    }

    /// <summary>Lends the bytes of the job to a lane; false when whoever wanted it has left and may have taken them along.</summary>
    public bool TryBorrow()
    {
        lock (_gate)
        {
            if (_isLeft)
                return false;
            _borrowed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return true;
        }
    }

    /// <summary>Gives them back: they have gone to the worker, or will not.</summary>
    public void Return()
    {
        lock (_gate)
            _borrowed?.TrySetResult();
    }

    /// <summary>Whoever wanted it leaves. What is left of the job may still take this long.</summary>
    /// <returns>Ends when nobody reads the bytes of the job any more, so that their memory can be used for something else.</returns>
    public Task LeaveAsync(TimeSpan patience)
    {
        lock (_gate)
        {
            _isLeft = true;
            try
            {
                _abandoned.CancelAfter(patience);
            }
            catch (ObjectDisposedException)
            {
                // It has just been done.
            }

            return _borrowed?.Task ?? Task.CompletedTask;
        }
    }

    public void Dispose() => _abandoned.Dispose();
}
