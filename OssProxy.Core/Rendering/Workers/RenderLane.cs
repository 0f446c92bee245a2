using Microsoft.Extensions.Logging;
using OssProxy.Core.Images;

namespace OssProxy.Core.Rendering.Workers;

/// <summary>What all lanes of a pool share.</summary>
internal sealed record LaneSetting(
    RenderQueue Queue,
    WorkerStarts Starts,
    PoisonedSources Poison,
    RenderingMetrics Metrics,
    LogPace Pace,
    RenderingOptions Options,
    TimeProvider Time);

/// <summary>
/// One of the places at which a pool works: takes a job, has its worker do it, looks after the worker, takes the next. A worker that is
/// lost in the midst of a job costs the job one more try with a new one. A lane that cannot have a worker takes no job from those that can.
/// </summary>
/// <param name="stopping">Kills what is under way.</param>
internal sealed partial class RenderLane(LaneSetting setting, ILogger log, CancellationToken stopping)
{
    // After something that nobody foresaw, which may go on.
    private static readonly TimeSpan UnforeseenPause = TimeSpan.FromSeconds(1);

    private WorkerProcess? _worker;

    // Kept when something goes wrong while it is waited for: what it brings would be lost else.
    private Task<RenderTicket?>? _turn;

    /// <summary>Memory of its worker in bytes; 0 for none.</summary>
    public long Resident() => Volatile.Read(ref _worker)?.Resident() ?? 0;

    /// <summary>Works until the queue is closed.</summary>
    public async Task RunAsync()
    {
        while (true)
        {
            try
            {
                if (await NextAsync() is not { } ticket)
                    break;
                await TurnAsync(ticket);
                await CareAsync();
            }
            catch (Exception unforeseen)
            {
                LogUnforeseen(unforeseen);
                await RestAsync(UnforeseenPause);
            }
        }

        await DropAsync();
    }

    private async Task<RenderTicket?> NextAsync()
    {
        // As long as others have workers, what comes is theirs; when none has, somebody has to tell those who ask.
        while (_turn is null && _worker is null && setting.Starts.Running > 0 && !setting.Queue.Closed.IsCompleted
            && setting.Starts.Pause is var pause && pause > TimeSpan.Zero)
            await RestAsync(pause);

        _turn ??= setting.Queue.TakeAsync();
        while (!_turn.IsCompleted && _worker is not null)
        {
            try
            {
                await _turn.WaitAsync(setting.Options.WorkerIdle, setting.Time, CancellationToken.None);
            }
            catch (TimeoutException)
            {
                // The worker that is needed first stays: the next picture does not wait for a start.
                if (_worker is { } worker && setting.Starts.TryRelease())
                {
                    _worker = null;
                    await worker.DisposeAsync();
                }
            }
        }

        var ticket = await _turn;
        _turn = null;
        return ticket;
    }

    private async Task TurnAsync(RenderTicket ticket)
    {
        try
        {
            if (!await TryStandAsync(ticket))
                return;
            ticket.Take();
            setting.Metrics.Waited(setting.Time.GetElapsedTime(ticket.EnqueuedAt));
            ticket.Complete(await ServeAsync(ticket));
        }
        catch (Exception failure)
        {
            ticket.Fail(failure is ImageException or OperationCanceledException ? failure : RenderFaults.Failed(failure));
            if (failure is not (ImageException or OperationCanceledException))
                LogUnforeseen(failure);
        }

        ticket.Dispose();
    }

    // Whether this lane does a job: one that has no worker and finds none hands it back as long as there is another that has one.
    private async Task<bool> TryStandAsync(RenderTicket ticket)
    {
        try
        {
            ticket.Abandoned.ThrowIfCancellationRequested();
            await WorkerAsync();
            return true;
        }
        catch (ImageException)
        {
            if (!ticket.HasWaited && setting.Starts.Running > 0 && setting.Queue.TryReturn(ticket))
                return false;
            throw;
        }
    }

    // Not longer than until the end.
    private async Task RestAsync(TimeSpan time) =>
        await setting.Queue.Closed.WaitAsync(time, setting.Time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task<RenderResult?> ServeAsync(RenderTicket ticket)
    {
        if (ticket.Job is not { } job)
            return null;

        for (var attempt = 1; ; attempt++)
        {
            if (setting.Poison[ticket.PoisonKey, ticket.Process] is { } poison)
                throw FaultOf(poison);
            var worker = await WorkerAsync();
            if (!ticket.TryBorrow())
                throw new OperationCanceledException();
            var begunAt = setting.Time.GetTimestamp();
            try
            {
                using var leaving = CancellationTokenSource.CreateLinkedTokenSource(ticket.Abandoned, stopping);
                var result = await worker.RenderAsync(job, ticket.Return, leaving.Token);
                setting.Metrics.Rendered(result, setting.Time.GetElapsedTime(begunAt));
                setting.Poison.Acquit(ticket.PoisonKey, ticket.Process);
                return result;
            }
            catch (ImageException refusal)
            {
                setting.Metrics.Refused(refusal.Error, setting.Time.GetElapsedTime(begunAt));
                setting.Poison.Acquit(ticket.PoisonKey, ticket.Process);
                if (refusal.Error == ImageError.RenderingFailed && setting.Pace.TryPass(out var held))
                    LogFailed(LastWords.OneLine(ticket.PoisonKey), refusal.InnerException?.Message ?? refusal.Message, held);
                throw;
            }
            catch (WorkerLostException lost)
            {
                await LoseAsync(ticket, lost, attempt, begunAt);
            }
            finally
            {
                ticket.Return();
            }
        }
    }

    // Comes back when it is worth another try.
    private async Task LoseAsync(RenderTicket ticket, WorkerLostException lost, int attempt, long begunAt)
    {
        await DropAsync();
        setting.Metrics.Lost(lost.Loss);
        if (lost.Loss == WorkerLoss.Abandoned)
        {
            ticket.Abandoned.ThrowIfCancellationRequested();
            throw RenderFaults.Stopping();
        }

        var poisoned = setting.Poison.Blame(ticket.PoisonKey, ticket.Process, lost.Loss, begunAt);
        if (setting.Pace.TryPass(out var held))
            LogLost(LastWords.OneLine(ticket.PoisonKey), poisoned, lost.Message, held);

        // What was too slow once is too slow twice, and has had its time.
        if (poisoned || attempt > 1 || lost.Loss == WorkerLoss.TimedOut)
            throw FaultOf(lost.Loss);
    }

    private async Task<WorkerProcess> WorkerAsync()
    {
        if (_worker is { IsLost: true })
            await DropAsync();
        if (_worker is { } worker)
            return worker;
        try
        {
            return _worker = await setting.Starts.StartAsync(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            throw RenderFaults.Stopping();
        }
    }

    // After a job, when whoever wanted it has it: a worker that has done enough, or that has not given back what it took, makes way for a
    // new one, which is started now and not when somebody waits for it.
    private async Task CareAsync()
    {
        if (_worker is not { } worker)
            return;
        if (!worker.IsLost && worker.Jobs < setting.Options.WorkerJobs && worker.Resident() < setting.Options.WorkerMemoryBytes / 2)
            return;
        try
        {
            if (!worker.IsLost)
                setting.Metrics.Recycled();
            await DropAsync();
            await WorkerAsync();
        }
        catch (Exception failure) when (failure is ImageException or OperationCanceledException)
        {
            // It was told where it failed; the next job asks again.
        }
    }

    private async Task DropAsync()
    {
        if (_worker is { } worker)
        {
            _worker = null;
            await setting.Starts.EndAsync(worker);
        }
    }

    public static ImageException FaultOf(WorkerLoss loss) => loss switch
    {
        WorkerLoss.TimedOut => RenderFaults.TimedOut(),
        WorkerLoss.TooMuchMemory => RenderFaults.TooMuchMemory(),
        _ => RenderFaults.Damaged(),
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "A render worker was lost to {Source} (poisoned: {Poisoned}): {Reason}; {Held} such lines were held back")]
    private partial void LogLost(string source, bool poisoned, string reason, int held);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The engine failed at {Source} as nobody foresaw: {Reason}; {Held} such lines were held back")]
    private partial void LogFailed(string source, string reason, int held);

    [LoggerMessage(Level = LogLevel.Error, Message = "A lane of the render pool failed at a job for a reason that nobody foresaw")]
    private partial void LogUnforeseen(Exception failure);
}
