using System.Collections.Immutable;
using Microsoft.Win32.SafeHandles;
using OssProxy.Core.Images;

namespace OssProxy.Core.Rendering.Workers;

/// <summary>What a worker works with.</summary>
/// <param name="Report">What it is.</param>
/// <param name="Parse">Makes a process of its canonical spelling.</param>
/// <param name="Render">Does a job; what cannot be done is an <see cref="ImageException"/>.</param>
public sealed record WorkerEngine(EngineReport Report, Func<string, ImageProcess> Parse, Func<RenderJob, RenderResult> Render);

/// <summary>
/// The life of a worker process: takes away from itself what it does not need, starts the engine, then reads jobs from the standard input
/// and writes what came of them to the standard output, one at a time, until the input ends. Nothing else of the program is started here,
/// so that a worker stands in a tenth of a second.
/// </summary>
public static class WorkerLoop
{
    // A buffer that one large picture has needed is not kept for all the small ones after it.
    private const int MostKeptBytes = 8 << 20;

    /// <summary>Runs until the input ends; returns the exit code.</summary>
    /// <param name="words">What the command line says behind <see cref="WorkerArguments.Word"/>.</param>
    /// <param name="start">Starts the engine. An <see cref="ImageException"/> says that there is none.</param>
    public static int Run(string[] words, Func<WorkerArguments, WorkerEngine> start)
    {
        if (WorkerArguments.Read(words) is not { } arguments)
        {
            Console.Error.WriteLine($"{WorkerArguments.Word} 由服务自己启动，不能手工运行。");
            return 1;
        }

        var descriptor = WorkerGuards.Apply(arguments);
        using var input = Open(0, FileAccess.Read);
        using var output = Open(descriptor, FileAccess.Write);
        try
        {
            WorkerEngine engine;
            try
            {
                engine = start(arguments);
            }
            catch (ImageException refusal)
            {
                output.Write(RefusalHead.Write(refusal).Span);
                return 1;
            }

            output.Write(ReportHead.Write(engine.Report).Span);
            Serve(arguments, engine, input, output);
            return 0;
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException)
        {
            // The pool has gone, or it is none.
            Console.Error.WriteLine(failure.Message);
            return 1;
        }
    }

    private static void Serve(WorkerArguments arguments, WorkerEngine engine, FileStream input, FileStream output)
    {
        Span<byte> first = stackalloc byte[FrameHead.Length];
        var buffer = Array.Empty<byte>();
        while (input.ReadAtLeast(first, first.Length, throwOnEndOfStream: false) is var read && read > 0)
        {
            if (read < first.Length)
                throw new EndOfStreamException("A frame ends too early.");
            var frame = FrameHead.Read(first, JobHead.MostBodyBytes);
            if (frame.Kind != FrameKind.Job)
                throw new InvalidDataException("A frame that is no job.");
            var head = new byte[frame.HeadLength];
            input.ReadExactly(head);
            var job = JobHead.Read(head, frame.BodyLength);

            // Pinned, so that a native library may read it where it is.
            if (buffer.Length < frame.BodyLength)
                buffer = GC.AllocateUninitializedArray<byte>((int)frame.BodyLength, pinned: true);
            input.ReadExactly(buffer, 0, (int)frame.BodyLength);

            WorkerGuards.BeginJob(arguments);
            Answer(engine, job, buffer, output);
            if (buffer.Length > MostKeptBytes)
                buffer = [];
        }
    }

    private static void Answer(WorkerEngine engine, JobHead head, ReadOnlyMemory<byte> body, FileStream output)
    {
        try
        {
            var result = engine.Render(Job(engine, head, body));
            var content = result.Unchanged ? default : result.Content;
            var answer = ResultHead.Of(result);
            if (!answer.IsWithin(head.Limits, content.Length))
                throw Refusals.ResultTooLarge(head.Limits.ResultSide, head.Limits.ResultPixels);
            output.Write(answer.Write(content.Length).Span);
            output.Write(content.Span);
        }
        catch (ImageException refusal)
        {
            output.Write(RefusalHead.Write(refusal).Span);
        }
        catch (OutOfMemoryException)
        {
            output.Write(RefusalHead.Write(RenderFaults.TooMuchMemory()).Span);
        }
        catch (Exception failure) when (failure is not IOException)
        {
            output.Write(RefusalHead.Write(RenderFaults.Failed(failure)).Span);
        }
    }

    private static RenderJob Job(WorkerEngine engine, JobHead head, ReadOnlyMemory<byte> body)
    {
        var marks = ImmutableDictionary<string, ReadOnlyMemory<byte>>.Empty;
        var at = head.SourceLength;
        foreach (var (key, length) in head.Marks)
        {
            marks = marks.SetItem(key, body.Slice(at, length));
            at += length;
        }

        return new RenderJob
        {
            Source = body[..head.SourceLength],
            Process = engine.Parse(head.Process),
            Marks = marks,
            Preferred = head.Preferred,
            Limits = head.Limits,
        };
    }

    private static FileStream Open(int descriptor, FileAccess access) =>
        new(new SafeFileHandle(descriptor, ownsHandle: false), access, bufferSize: 0);
}
