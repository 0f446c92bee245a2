using Microsoft.Extensions.Logging;
using OssProxy.Core.Images;

namespace OssProxy.Core.Rendering.Workers;

/// <summary>
/// Has pictures rendered in processes of their own, so that whatever a stranger's bytes do to a library is done to a process that holds no
/// secret and can be killed. Promises: a job ends within the time in the queue and twice the time of a job; not more than
/// <see cref="Lanes"/> workers are there, each within its memory; a worker that dies costs its job one more try, and a source that has
/// cost two is not tried again for a while, or not with the same process where it was that which took too much. Workers are started when
/// the first job comes. What it costs: two passes of the source and the result through a pipe.
/// </summary>
public sealed class WorkerPool : IAsyncDisposable
{
    /// <summary>How long a job may still take that nobody waits for: most are done by then, and to kill a worker costs the start of
    /// another.</summary>
    internal static readonly TimeSpan AbandonedPatience = TimeSpan.FromSeconds(1);

    // What a stop leaves to the jobs that are under way.
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LogPeriod = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LeastRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MostRetry = TimeSpan.FromMinutes(1);
    private const double Smoothing = 0.1;

    private readonly RenderingOptions _options;
    private readonly TimeProvider _time;
    private readonly RenderQueue _queue;
    private readonly WorkerStarts _starts;
    private readonly PoisonedSources _poison;
    private readonly RenderingMetrics _metrics;
    private readonly CancellationTokenSource _stopping = new();
    private readonly RenderLane[] _lanes;
    private readonly Task[] _running;
    private double _typicalSeconds = 0.2;
    private int _disposed;

    /// <param name="command">How a worker is started.</param>
    /// <param name="folder">Where workers have their folders; made when it is needed.</param>
    public WorkerPool(RenderingOptions options, WorkerCommand command, string folder, TimeProvider time, ILogger<WorkerPool> log)
    {
        _options = options;
        _time = time;
        _queue = new RenderQueue(options.QueueLength);
        var arguments = new WorkerArguments(options.WorkerMemoryBytes, options.RenderTimeout, options.Library, Known: null);
        _starts = new WorkerStarts(command, arguments, new WorkerFolder(folder), time, log);
        _poison = new PoisonedSources(options.PoisonTime, time);
        _metrics = new RenderingMetrics(() => _queue.Count, () => _lanes!.Select(lane => lane.Resident()).Where(bytes => bytes > 0));
        var setting = new LaneSetting(_queue, _starts, _poison, _metrics, new LogPace(LogPeriod, time), options, time);
        _lanes = [.. Enumerable.Range(0, options.Lanes).Select(_ => new RenderLane(setting, log, _stopping.Token))];
        _running = [.. _lanes.Select(lane => lane.RunAsync())];
    }

    /// <summary>Jobs that are done at once, at most.</summary>
    public int Lanes => _lanes.Length;

    /// <summary>What the engine is, as the first worker told; null before.</summary>
    public EngineReport? Report => _starts.Report;

    /// <summary><see cref="AbandonedPatience"/>, or what a test needs.</summary>
    internal TimeSpan Patience { get; init; } = AbandonedPatience;

    /// <summary>Workers that are there.</summary>
    internal int Running => _starts.Running;

    /// <summary>Workers that were lost in a job for this reason since the pool was made.</summary>
    internal long LossesBy(WorkerLoss loss) => _metrics.LossesBy(loss);

    /// <summary>Asks a worker what the engine is; starts one if there is none.</summary>
    /// <exception cref="ImageException">As with <see cref="RenderAsync"/>.</exception>
    public async Task<EngineReport> DescribeAsync(CancellationToken cancellationToken)
    {
        if (Report is null)
            await PassAsync(new RenderTicket(job: null, "", _time.GetTimestamp()), cancellationToken);
        return Report ?? throw RenderFaults.Failed();
    }

    /// <summary>Has a job done. Whoever calls it off while it waits takes it back; a job that is under way may still take
    /// <see cref="AbandonedPatience"/>, then its worker is killed. The memory of the job belongs to the caller again as soon as this ends,
    /// however it ends.</summary>
    /// <param name="poisonKey">Who is to blame when a worker is lost to it: the source, with its ETag.</param>
    /// <exception cref="ImageException">The engine refused; or <see cref="ImageError.RenderingBusy"/> with
    /// <see cref="ImageException.RetryAfter"/>, <see cref="ImageError.RenderingTimedOut"/>, <see cref="ImageError.EngineMissing"/>,
    /// <see cref="ImageError.RenderingFailed"/>; <see cref="ImageError.ImageDamaged"/> or <see cref="ImageError.ImageTooLarge"/> for a
    /// source that brings workers down.</exception>
    public async Task<RenderResult> RenderAsync(RenderJob job, string poisonKey, CancellationToken cancellationToken)
    {
        if (job.Source.Length > job.Limits.SourceBytes || JobHead.Of(job).BodyLength > JobHead.MostBodyBytes)
            throw Refusals.TooManyBytes(job.Limits.SourceBytes);
        if (job.Marks.Values.Any(mark => mark.Length > job.Limits.SourceBytes))
            throw Refusals.MarkUnusable();
        var ticket = new RenderTicket(job, poisonKey, _time.GetTimestamp());
        if (_poison[poisonKey, ticket.Process] is { } poison)
            throw Rejected(RenderLane.FaultOf(poison));
        return await PassAsync(ticket, cancellationToken) ?? throw RenderFaults.Failed();
    }

    /// <summary>Lets nothing in any more, gives what is under way a moment, and kills what is left.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        foreach (var ticket in _queue.Close())
            ticket.Fail(RenderFaults.Stopping());
        _stopping.CancelAfter(StopPatience);
        await Task.WhenAll(_running);
        _metrics.Dispose();
        _stopping.Dispose();
    }

    private async Task<RenderResult?> PassAsync(RenderTicket ticket, CancellationToken cancellationToken)
    {
        if (_starts.Running == 0 && _starts.Refusal is { } refusal)
            throw Rejected(refusal);
        if (!_queue.TryEnqueue(ticket, out var displaced))
            throw Rejected(Volatile.Read(ref _disposed) != 0 ? RenderFaults.Stopping() : RenderFaults.Busy(RetryAfter()));
        displaced?.Fail(Rejected(RenderFaults.Busy(RetryAfter())));
        try
        {
            await ticket.Taken.WaitAsync(
                ticket.IsUrgent ? _options.UrgentTimeout : _options.QueueTimeout, _time, cancellationToken);
        }
        catch (Exception end) when (end is TimeoutException or OperationCanceledException)
        {
            if (_queue.TryRemove(ticket))
            {
                if (end is TimeoutException)
                    throw Rejected(RenderFaults.Busy(RetryAfter()));
                throw;
            }

            // A lane has it at this moment; should it hand it back, nobody would look at the clock any more.
            ticket.HasWaited = true;
        }

        var begunAt = _time.GetTimestamp();
        try
        {
            var result = await ticket.Done.WaitAsync(cancellationToken);
            Learn(_time.GetElapsedTime(begunAt));
            return result;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await ticket.LeaveAsync(Patience);
            throw;
        }
    }

    // The time in which as many jobs end as wait now.
    private TimeSpan RetryAfter()
    {
        var seconds = Volatile.Read(ref _typicalSeconds) * (_queue.Count + Lanes) / Lanes;
        return TimeSpan.FromSeconds(Math.Ceiling(Math.Clamp(seconds, LeastRetry.TotalSeconds, MostRetry.TotalSeconds)));
    }

    // Of two that write at once one is lost; it is an estimate.
    private void Learn(TimeSpan time) =>
        Volatile.Write(ref _typicalSeconds, (1 - Smoothing) * Volatile.Read(ref _typicalSeconds) + Smoothing * time.TotalSeconds);

    private ImageException Rejected(ImageException refusal)
    {
        _metrics.Rejected(refusal.Error);
        return refusal;
    }
}
