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

    /// <summary>For how long none is to be had; zero when it is worth a try.</summary>
    public TimeSpan Pause
    {
        get
        {
            lock (_gate)
                return Rest();
        }
    }

    /// <summary>Why none is to be had at present, for one who asks; null when it is worth a try.</summary>
    public ImageException? Refusal
    {
        get
        {
            lock (_gate)
                return _failure is { } failure && Rest() is var rest && rest > TimeSpan.Zero ? RefusalOf(failure, rest) : null;
        }
    }

    /// <summary>Starts one.</summary>
    /// <exception cref="ImageException">None is to be had: <see cref="ImageError.EngineMissing"/>; else
    /// <see cref="ImageError.RenderingBusy"/>, until it is worth another try.</exception>
    public async Task<WorkerProcess> StartAsync(CancellationToken cancellationToken)
    {
        if (Refusal is { } known)
            throw known;
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
            TimeSpan pause;
            lock (_gate)
            {
                news = _failure?.Error != failure.Error;
                // Several that were begun together and fail together are one failure.
                if (_failure is null || startedAt > _failedAt)
                    _pause = _pause == TimeSpan.Zero ? FirstPause : _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
                _failure = failure;
                _failedAt = time.GetTimestamp();
                pause = _pause;
            }

            // What stays as it is is told once; whoever announces the engine tells what is missing.
            if (news && failure.Error != ImageError.EngineMissing)
                LogNotStarted(failure.InnerException ?? failure);
            throw RefusalOf(failure, pause);
        }
    }

    /// <summary>Ends one.</summary>
    public async Task EndAsync(WorkerProcess worker)
    {
        Interlocked.Decrement(ref _running);
        await worker.DisposeAsync();
    }

    /// <summary>Counts one less, which its lane ends, if there is another; false when it is the last.</summary>
    public bool TryRelease()
    {
        if (Interlocked.Decrement(ref _running) >= 1)
            return true;
        Interlocked.Increment(ref _running);
        return false;
    }

    private TimeSpan Rest()
    {
        var rest = _pause - time.GetElapsedTime(_failedAt);
        return _failure is not null && rest > TimeSpan.Zero ? rest : TimeSpan.Zero;
    }

    // An exception is thrown once: the stack of one request is nothing for another. What somebody has to install is said as it is; what has
    // gone wrong at a start may go right at the next, and has been told to the log when it began.
    private static ImageException RefusalOf(ImageException failure, TimeSpan rest) => failure.Error == ImageError.EngineMissing
        ? new ImageException(failure.Error, failure.Code, failure.Message, failure.Ec, failure)
        : RenderFaults.NoWorker(rest, failure.InnerException ?? failure);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Render worker {Process} stands after {Elapsed:F0} ms")]
    private partial void LogStarted(int process, double elapsed);

    [LoggerMessage(Level = LogLevel.Error, Message = "No render worker can be started; image requests are refused until one can")]
    private partial void LogNotStarted(Exception failure);
}
