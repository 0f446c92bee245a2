using System.Diagnostics;
using OssProxy.Api.Hosting;
using OssProxy.Core.Rendering;
using OssProxy.Core.Rendering.Workers;

namespace OssProxy.Tests.Rendering;

/// <summary>
/// The engine as the server has it, in a worker of its own, for tests that ask and wait. It must not run in the process of the tests:
/// libvips brings libraries along whose symbols are everybody's (its slide reader an SQLite), and the SQLite of the records, loaded
/// afterwards, calls into that one and crashes.
/// </summary>
internal sealed class EngineWorker
{
    private const int JobMilliseconds = 60_000;

    private readonly Lock _gate = new();
    private readonly Process _process;

    private EngineWorker(Process process)
    {
        _process = process;
        var (frame, head) = Read();
        Report = frame.Kind == FrameKind.Ready ? ReportHead.Read(head) : throw RefusalHead.Read(head);
    }

    public EngineReport Report { get; }

    /// <summary>Starts one; it ends with this process.</summary>
    public static EngineWorker Start()
    {
        var command = WorkerCommand.Of(typeof(ApiHost).Assembly);
        var arguments = new WorkerArguments(2L << 30, TimeSpan.FromMilliseconds(JobMilliseconds), "", Known: null);
        var folder = Directory.CreateTempSubdirectory("ossproxy-engine-").FullName;
        var start = new ProcessStartInfo(command.FileName, [.. command.Words, WorkerArguments.Word, .. arguments.ToWords()])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment.Clear();
        foreach (var (name, value) in WorkerEnvironment.Of(Environment.GetEnvironmentVariables(), folder, arguments.MemoryBytes))
            start.Environment[name] = value;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return new EngineWorker(Process.Start(start)!);
    }

    /// <summary>As <see cref="Engine.Render"/>.</summary>
    public RenderResult Render(RenderJob job)
    {
        lock (_gate)
        {
            // A worker that hangs is killed, and the test that waits for it fails.
            using var deadline = new Timer(_ => _process.Kill(), state: null, JobMilliseconds, Timeout.Infinite);
            var head = JobHead.Of(job);
            var input = _process.StandardInput.BaseStream;
            input.Write(head.Write().Span);
            input.Write(job.Source.Span);
            foreach (var (key, _) in head.Marks)
                input.Write(job.Marks[key].Span);
            input.Flush();

            var (frame, answer) = Read();
            if (frame.Kind == FrameKind.Refusal)
                throw RefusalHead.Read(answer);
            var content = new byte[frame.BodyLength];
            _process.StandardOutput.BaseStream.ReadExactly(content);
            var result = ResultHead.Read(answer, job.Limits);
            return result.With(result.Unchanged ? job.Source : content);
        }
    }

    private (FrameHead Frame, byte[] Head) Read()
    {
        var output = _process.StandardOutput.BaseStream;
        var first = new byte[FrameHead.Length];
        output.ReadExactly(first);
        var frame = FrameHead.Read(first, int.MaxValue);
        var head = new byte[frame.HeadLength];
        output.ReadExactly(head);
        return (frame, head);
    }
}
