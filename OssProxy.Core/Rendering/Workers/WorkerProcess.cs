using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using OssProxy.Core.Images;

namespace OssProxy.Core.Rendering.Workers;

/// <summary>
/// One worker, seen from the pool: a process that is given a job at a time over its pipes. It is believed nothing: what it answers is
/// checked, how long it takes and how much memory it has is watched, and what is not as it should be ends with SIGKILL.
/// </summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    // Debian's library loads in 30 ms on an idle machine; one that is this slow is of no use to anybody.
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan WatchPeriod = TimeSpan.FromMilliseconds(50);

    // What a killed process takes to be gone; in an uninterruptible wait it may take longer, and is left to the kernel.
    private static readonly TimeSpan GonePatience = TimeSpan.FromSeconds(5);

    // What comes is believed step by step: no announced length takes more memory than has come, beyond this.
    private const int FirstBytes = 1 << 20;

    private readonly Process _process;
    private readonly WorkerArguments _arguments;
    private readonly TimeProvider _time;
    private readonly Stream _input;
    private readonly Stream _output;
    private readonly LastWords _words = new();
    private readonly Task _listening;
    private readonly CancellationTokenSource _gone;
    private readonly SafeFileHandle? _memory;
    private readonly Action _release;
    private readonly byte[] _first = new byte[FrameHead.Length];
    private int _loss = -1;
    private int _disposed;
    private string _exit = "not gone";

    private WorkerProcess(Process process, WorkerArguments arguments, TimeProvider time, Action release)
    {
        _process = process;
        Id = process.Id;
        _arguments = arguments;
        _time = time;
        _release = release;
        _input = process.StandardInput.BaseStream;
        _output = process.StandardOutput.BaseStream;
        _gone = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _memory = OpenMemory(process.Id);
        _listening = _words.ListenAsync(process.StandardError.BaseStream, _gone.Token);
    }

    /// <summary>Its number.</summary>
    public int Id { get; }

    /// <summary>What its engine says of itself.</summary>
    public EngineReport Report { get; private set; } = null!;

    /// <summary>Jobs that it has been given.</summary>
    public int Jobs { get; private set; }

    /// <summary>Whether it can be given a job no more.</summary>
    public bool IsLost => Volatile.Read(ref _loss) >= 0 || Volatile.Read(ref _disposed) != 0 || _process.HasExited;

    /// <summary>Starts one and waits until its engine stands.</summary>
    /// <exception cref="ImageException"><see cref="ImageError.EngineMissing"/>, in the worker's own words; else
    /// <see cref="ImageError.RenderingFailed"/>.</exception>
    /// <exception cref="OperationCanceledException">It was called off.</exception>
    public static async Task<WorkerProcess> StartAsync(
        WorkerCommand command, WorkerArguments arguments, WorkerFolder folders, TimeProvider time, CancellationToken cancellationToken)
    {
        WorkerProcess worker;
        try
        {
            worker = Launch(command, arguments, folders, time);
        }
        catch (Exception failure)
            when (failure is Win32Exception or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            throw RenderFaults.Failed(failure);
        }

        try
        {
            await using var deadline = time.CreateTimer(
                _ => worker.Kill(WorkerLoss.TimedOut), state: null, ReadyTimeout, Timeout.InfiniteTimeSpan);
            await using var calledOff = cancellationToken.Register(() => worker.Kill(WorkerLoss.Abandoned));
            worker.Report = await worker.ReadyAsync();
            return worker;
        }
        catch (Exception failure)
        {
            worker.Kill(WorkerLoss.Died);
            await worker.DisposeAsync();
            cancellationToken.ThrowIfCancellationRequested();
            if (failure is ImageException)
                throw;
            throw RenderFaults.Failed(new WorkerLostException(
                WorkerLoss.Died, $"A worker did not come up ({worker._exit}): {worker._words}", failure));
        }
    }

    /// <summary>Has a job done.</summary>
    /// <param name="sent">Told when the bytes of the job are needed no more.</param>
    /// <param name="abandoned">Kills the worker.</param>
    /// <exception cref="ImageException">The engine refused.</exception>
    /// <exception cref="WorkerLostException">The worker is no more.</exception>
    public async Task<RenderResult> RenderAsync(RenderJob job, Action sent, CancellationToken abandoned)
    {
        Jobs++;
        var head = JobHead.Of(job);
        try
        {
            // Disposed with patience: what is due in this very moment kills before the next job is begun, not in it.
            await using var deadline = _time.CreateTimer(
                _ => Kill(WorkerLoss.TimedOut), state: null, _arguments.Timeout, Timeout.InfiniteTimeSpan);
            await using var watch = _time.CreateTimer(_ => Watch(), state: null, WatchPeriod, WatchPeriod);
            await using var leaving = abandoned.Register(() => Kill(WorkerLoss.Abandoned));
            await SendAsync(job, head);
            sent();
            return await AnswerAsync(job);
        }
        catch (Exception failure)
            when (failure is IOException or InvalidDataException or OperationCanceledException or ObjectDisposedException)
        {
            Kill(failure is InvalidDataException ? WorkerLoss.Rubbish : WorkerLoss.Died);
            await DisposeAsync();
            var loss = (WorkerLoss)Volatile.Read(ref _loss);
            throw new WorkerLostException(loss, $"{loss}, {_exit}; {failure.Message} {_words}", failure);
        }
        catch (Exception failure) when (failure is not ImageException)
        {
            // Nobody foresaw it, such as that there is no memory here for the answer: what is still in the pipes is no beginning.
            Kill(WorkerLoss.Abandoned);
            await DisposeAsync();
            throw;
        }
    }

    /// <summary>Resident memory in bytes; 0 where it cannot be told.</summary>
    public long Resident()
    {
        if (_memory is null)
            return 0;
        Span<byte> text = stackalloc byte[64];
        try
        {
            var read = RandomAccess.Read(_memory, text, 0);
            var pages = text[..read];
            pages = pages[(pages.IndexOf((byte)' ') + 1)..];
            return long.Parse(pages[..pages.IndexOf((byte)' ')], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
        }
        catch (Exception failure) when (failure is IOException or FormatException or ArgumentOutOfRangeException or ObjectDisposedException)
        {
            return 0;
        }
    }

    /// <summary>Ends it: what it is idle with it leaves, what it is at is killed. Nothing of it is left afterwards.</summary>
    public async ValueTask DisposeAsync()
    {
        Kill(WorkerLoss.Abandoned);
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        using var patience = new CancellationTokenSource(GonePatience, _time);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
            _exit = string.Create(CultureInfo.InvariantCulture, $"exit code {_process.ExitCode}");
        }
        catch (OperationCanceledException)
        {
            // The kernel has it.
        }

        await _gone.CancelAsync();
        await _listening;
        await _input.DisposeAsync();
        await _output.DisposeAsync();

        // The process closes what nobody has asked it for, and leaves to us what we have.
        await _process.StandardError.BaseStream.DisposeAsync();
        _memory?.Dispose();
        _process.Dispose();
        _release();
    }

    private static WorkerProcess Launch(WorkerCommand command, WorkerArguments arguments, WorkerFolder folders, TimeProvider time)
    {
        var folder = folders.Add();
        var start = new ProcessStartInfo(command.FileName, [.. command.Words, WorkerArguments.Word, .. arguments.ToWords()])
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardErrorEncoding = Encoding.UTF8,
        };
        start.Environment.Clear();
        foreach (var (name, value) in WorkerEnvironment.Of(Environment.GetEnvironmentVariables(), folder, arguments.MemoryBytes))
            start.Environment[name] = value;
        var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch
        {
            process.Dispose();
            folders.Remove(folder);
            throw;
        }

        return new WorkerProcess(process, arguments, time, () => folders.Remove(folder));
    }

    private static SafeFileHandle? OpenMemory(int process)
    {
        try
        {
            return OperatingSystem.IsLinux() ? File.OpenHandle($"/proc/{process}/statm") : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private async Task<EngineReport> ReadyAsync()
    {
        var frame = await FrameAsync(mostBody: 0);
        var head = await ExactlyAsync(frame.HeadLength);
        return frame.Kind switch
        {
            FrameKind.Ready => ReportHead.Read(head),
            FrameKind.Refusal => throw RefusalHead.Read(head),
            _ => throw new InvalidDataException("A worker that does not begin with what it is."),
        };
    }

    private async Task SendAsync(RenderJob job, JobHead head)
    {
        await _input.WriteAsync(head.Write(), _gone.Token);
        await _input.WriteAsync(job.Source, _gone.Token);
        foreach (var (key, _) in head.Marks)
            await _input.WriteAsync(job.Marks[key], _gone.Token);
        await _input.FlushAsync(_gone.Token);
    }

    private async Task<RenderResult> AnswerAsync(RenderJob job)
    {
        var frame = await FrameAsync(ResultHead.MostBytes(job.Limits));
        var bytes = await ExactlyAsync(frame.HeadLength);
        if (frame is { Kind: FrameKind.Refusal, BodyLength: 0 })
            throw RefusalHead.Read(bytes);
        if (frame.Kind != FrameKind.Result)
            throw new InvalidDataException("A frame that is no result.");
        var head = ResultHead.Read(bytes, job.Limits);
        if (!head.Unchanged)
            return head.With(await ExactlyAsync((int)frame.BodyLength));
        return frame.BodyLength == 0 ? head.With(job.Source) : throw new InvalidDataException("Unchanged, and yet another.");
    }

    private async Task<FrameHead> FrameAsync(long mostBody)
    {
        await _output.ReadExactlyAsync(_first, _gone.Token);
        return FrameHead.Read(_first, mostBody);
    }

    private async Task<byte[]> ExactlyAsync(int length)
    {
        var bytes = new byte[Math.Min(length, FirstBytes)];
        for (var read = 0; ;)
        {
            await _output.ReadExactlyAsync(bytes.AsMemory(read), _gone.Token);
            if (bytes.Length == length)
                return bytes;
            read = bytes.Length;
            Array.Resize(ref bytes, (int)Math.Min(length, 4L * read));
        }
    }

    private void Watch()
    {
        if (Resident() > _arguments.MemoryBytes)
            Kill(WorkerLoss.TooMuchMemory);
    }

    // The first reason is the true one.
    private void Kill(WorkerLoss loss)
    {
        if (Interlocked.CompareExchange(ref _loss, (int)loss, -1) != -1)
            return;
        try
        {
            _process.Kill();
            _gone.CancelAfter(GonePatience);
        }
        catch (Exception failure) when (failure is InvalidOperationException or Win32Exception or ObjectDisposedException)
        {
            // It has gone already.
        }
    }
}
