using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using OssProxy.Core.Images;
using OssProxy.Core.Rendering;
using OssProxy.Core.Rendering.Workers;

namespace OssProxy.Tests.Rendering;

/// <summary>
/// A real worker with an engine that does what the source says: the bytes of a source are a word and a value, such as <c>sleep 200</c>. It
/// is started with the assembly of the tests, whose entry point leads here.
/// </summary>
internal static class ScriptedWorker
{
    /// <summary>How one is started.</summary>
    public static WorkerCommand Command { get; } = WorkerCommand.Of(Assembly.GetExecutingAssembly());

    public static EngineReport Report { get; } = new(
        "/lib/scripted.so", "1.2.3", ["bmp", "jpeg"], [ImageFormat.Bmp, ImageFormat.Jpeg], DecodesHeic: true, RendersText: true,
        RendersChinese: false);

    /// <summary>A job that has a source do something.</summary>
    public static RenderJob Job(string script) => new()
    {
        Source = Encoding.UTF8.GetBytes(script),
        Process = new ImageProcess([new Info()], "image/info"),
    };

    /// <summary>What a worker answered.</summary>
    public static string Text(RenderResult result) => Encoding.UTF8.GetString(result.Content.Span);

    public static int Run(string[] words) => WorkerLoop.Run(words, arguments => arguments.Library switch
    {
        "/dev/null" => throw new ImageException(ImageError.EngineMissing, "NotImplemented", "apt-get install libscripted"),
        "/dev/zero" => throw new InvalidOperationException("no start"),
        _ => new WorkerEngine(Report, text => new ImageProcess([], text), Render),
    });

    private static RenderResult Render(RenderJob job)
    {
        if (job.Source.Length > 1000)
            return Answer(new string('x', 70_000));
        var script = Encoding.UTF8.GetString(job.Source.Span).Split(' ', 2);
        var value = script.Length > 1 ? script[1] : "";
        switch (script[0])
        {
            case "echo":
                return Answer($"{value} {job.Process.Canonical} {job.Preferred} {job.Limits.Frames} "
                    + string.Join(
                        ',', job.Marks.OrderBy(mark => mark.Key).Select(mark => $"{mark.Key}={Encoding.UTF8.GetString(mark.Value.Span)}")));
            case "much":
                return Answer(new string('y', int.Parse(value, CultureInfo.InvariantCulture)));
            case "same":
                return Answer("") with { Unchanged = true };
            case "pid":
                return Answer(Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            case "complaints":
                return Answer(new FileInfo("/proc/self/fd/2").LinkTarget!);
            case "environment":
                return Answer(string.Join('\n', Environment.GetEnvironmentVariables().Keys.Cast<string>().Order())
                    + "\n" + File.ReadAllText("/proc/self/limits") + File.ReadAllText("/proc/self/status"));
            case "sleep":
                Wait(int.Parse(value, CultureInfo.InvariantCulture));
                return Answer("slept");
            case "hang":
                File.WriteAllText(value, "");
                Wait(60_000);
                return Answer("slept");
            case "die":
                Die();
                break;
            case "die-once":
                // The first who makes the file dies.
                try
                {
                    using (new FileStream(value, FileMode.CreateNew))
                        Die();
                }
                catch (IOException)
                {
                    return Answer("second");
                }

                break;
            case "allocate":
                return Answer(Allocate(int.Parse(value, CultureInfo.InvariantCulture)));
            case "share":
                return Share(int.Parse(value, CultureInfo.InvariantCulture));
            case "print":
                Console.Out.WriteLine("printed");
                Console.Out.Flush();
                return Answer("clean");
            case "rubbish":
                using (var raw = new FileStream(new Microsoft.Win32.SafeHandles.SafeFileHandle(Output(), false), FileAccess.Write, 0))
                    raw.Write(Convert.FromHexString(value));
                return Answer("late");
            case "page":
                return Answer("<script>") with { MediaType = "text/html" };
            case "refuse":
                throw new ImageException(ImageError.ImageDamaged, "ImageDamage", "broken", "0040-00000020");
            case "fail":
                throw new InvalidOperationException("unforeseen " + value);
        }

        throw new InvalidOperationException("no such word");
    }

    private static RenderResult Answer(string text) =>
        new() { Content = Encoding.UTF8.GetBytes(text), MediaType = "image/jpeg", Width = 3, Height = 2 };

    private static void Die() => Process.GetCurrentProcess().Kill();

    // What a library takes, not what the garbage collector does.
    private static string Allocate(int megabytes)
    {
        var touched = new byte[1 << 20];
        for (var i = 0; i < megabytes; i++)
        {
            try
            {
                Marshal.Copy(touched, 0, Marshal.AllocHGlobal(touched.Length), touched.Length);
            }
            catch (OutOfMemoryException)
            {
                return $"refused after {i} MiB";
            }
        }

        return "all of it";
    }

    // Memory that no limit of the process counts.
    private static RenderResult Share(int megabytes)
    {
        const int ReadWrite = 3, SharedAnonymous = 0x21;
        var length = megabytes << 20;
        var memory = Map(0, (nuint)length, ReadWrite, SharedAnonymous, -1, 0);
        for (var at = 0; at < length; at += 4096)
            Marshal.WriteByte(memory, at, 1);
        Wait(5000);
        return Answer("shared");
    }

    private static void Wait(int milliseconds)
    {
        using var never = new ManualResetEventSlim();
        never.Wait(milliseconds);
    }

    // The pipe to the pool is the one that is written to and would outlive an exec; those of the runtime would not.
    private static int Output() => Directory.EnumerateFiles("/proc/self/fdinfo")
        .Select(path => (Number: int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture), Path: path))
        .First(one => one.Number > 2 && Flags(one.Path) == "01").Number;

    private static string Flags(string path) =>
        File.Exists(path) ? File.ReadLines(path).First(line => line.StartsWith("flags:", StringComparison.Ordinal))[6..].Trim() : "";

    [DllImport("libc", EntryPoint = "mmap")]
    private static extern nint Map(nint address, nuint length, int protection, int flags, int descriptor, nint offset);
}
