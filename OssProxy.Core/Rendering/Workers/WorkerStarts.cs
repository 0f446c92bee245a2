using Microsoft.Extensions.Logging;
using OssProxy.Core.Images;

namespace OssProxy.Core.Rendering.Workers;

/// <summary>
/// Starts workers, and remembers for a while when that was in vain: a machine without the library, or without memory, does not start one
/// for every request.
/// </summary>
internal sealed partial class WorkerStarts(
    WorkerCommand command, WorkerArguments arguments, WorkerFolder folders, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private ImageException? _failure;
    private TimeSpan _pause = TimeSpan.Zero;
    private long _failedAt;
    private int _running;

    /// <summary>What the engine is; null until a worker has told.</summary>
    public EngineReport? Report { get; private set; }

    /// <summary>Workers that are there.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Why there is none to be had at present; null when it is worth a try.</summary>
    public ImageException? Failure
    {
        get
        {
            lock (_gate)
                return _failure is not null && time.GetElapsedTime(_failedAt) < _pause ? _failure : null;
        }
    }

    /// <summary>Starts one.</summary>
    /// <exception cref="ImageException">None is to be had.</exception>
    public async Task<WorkerProcess> StartAsync(CancellationToken cancellationToken)
    {
        if (Failure is { } known)
            throw Again(known);
        var startedAt = time.GetTimestamp();
        try
        {
            var worker = await WorkerProcess.StartAsync(command, arguments with { Known = Report }, folders, time, cancellationToken);
            Interlocked.Increment(ref _running);
            lock (_gate)
            {
                Report = worker.Report;
                _failure = null;
                _pause = TimeSpan.Zero;
            }

            LogStarted(worker.Id, time.GetElapsedTime(startedAt).TotalMilliseconds);
            return worker;
        }
        catch (ImageException failure)
        {
            bool news;
            lock (_gate)
            {
                news = _failure?.Error != failure.Error;
                _failure = failure;
                _failedAt = time.GetTimestamp();
                _pause = _pause == TimeSpan.Zero ? FirstPause : _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
            }

            // What stays as it is is told once; whoever announces the engine tells what is missing.
            if (news && failure.Error != ImageError.EngineMissing)
                LogNotStarted(failure.InnerException ?? failure);
            throw;
        }
    }

    /// <summary>Ends one.</summary>
    public async Task EndAsync(WorkerProcess worker)
    {
        Interlocked.Decrement(ref _running);
        await worker.DisposeAsync();
    }

    /// <summary>Ends one if there is another; false when it was the last.</summary>
    public async Task<bool> TryEndAsync(WorkerProcess worker)
    {
        if (Interlocked.Decrement(ref _running) < 1)
        {
            Interlocked.Increment(ref _running);
            return false;
        }

        await worker.DisposeAsync();
        return true;
    }

    // An exception is thrown once: the stack of one request is nothing for another.
    public static ImageException Again(ImageException failure) =>
        new(failure.Error, failure.Code, failure.Message, failure.Ec, failure);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Render worker {Process} stands after {Elapsed:F0} ms")]
    private partial void LogStarted(int process, double elapsed);

    [LoggerMessage(Level = LogLevel.Error, Message = "No render worker can be started; image requests are refused until one can")]
    private partial void LogNotStarted(Exception failure);
}
