using System.Globalization;

namespace OssProxy.Core.Rendering.Workers;

/// <summary>
/// What a worker takes from itself before it touches the first byte of a stranger. On Linux; elsewhere only the pool's deadline and its
/// look at the memory remain.
/// </summary>
internal static class WorkerGuards
{
    // A file of the font cache has a megabyte or two; nothing else is written.
    private const int MostFileBytes = 16 << 20;
    private const int MostFiles = 256;
    private const int Niceness = 10;

    // A job of 2.9 MB in and 70 KB out costs 1.8 ms of CPU with the kernel's 64 KiB, 1.2 with 256 KiB, 0.9 with this, both processes
    // together.
    private const int PipeBytes = 1 << 20;

    /// <summary>Sets all of them; returns the descriptor on which the pool is answered.</summary>
    public static int Apply(WorkerArguments arguments)
    {
        if (!OperatingSystem.IsLinux())
            return 1;

        var output = LinuxCalls.KeepOutputClean();
        LinuxCalls.WidenPipe(0, PipeBytes);
        LinuxCalls.WidenPipe(output, PipeBytes);
        DieWithThePool();

        // Who stops the server by a signal to all of its processes still wants the jobs in flight to end.
        LinuxCalls.LeaveGroup();
        LinuxCalls.IgnoreSignal(LinuxCalls.Interrupt);
        LinuxCalls.IgnoreSignal(LinuxCalls.Terminate);
        LinuxCalls.MaskFiles();
        LinuxCalls.GainNothing();
        LinuxCalls.LeaveNetwork();
        LinuxCalls.Limit(LinuxCalls.CoreBytes, 0);
        LinuxCalls.Limit(LinuxCalls.OpenFiles, MostFiles);
        LinuxCalls.Limit(LinuxCalls.FileBytes, MostFileBytes);

        // Not the address space, of which the runtime and the allocator reserve hundreds of gigabytes that they never touch: this counts
        // what is private and writable.
        LinuxCalls.Limit(LinuxCalls.DataBytes, (ulong)arguments.MemoryBytes);

        // Should the machine run out of memory, the kernel takes the one who can be spared.
        TryWrite("/proc/self/oom_score_adj", "1000");
        foreach (var thread in Directory.EnumerateDirectories("/proc/self/task"))
            LinuxCalls.BeNice(int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture), Niceness);
        LinuxCalls.DumpNothing();
        return output;
    }

    /// <summary>The net below the pool's deadline: a worker whose pool has come to a standstill ends by itself.</summary>
    public static void BeginJob(WorkerArguments arguments)
    {
        if (OperatingSystem.IsLinux())
            LinuxCalls.MoveLimit(LinuxCalls.CpuSeconds, (ulong)(Environment.CpuUsage.TotalTime + 2 * arguments.Timeout).TotalSeconds + 2);
    }

    private static void TryWrite(string file, string text)
    {
        try
        {
            File.WriteAllText(file, text);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // A kernel that is hidden behind another.
        }
    }

    // The kernel's own way (PR_SET_PDEATHSIG) hangs on the thread that has started us, and those of a pool come and go.
    private static void DieWithThePool() => new Thread(
        () =>
        {
            LinuxCalls.AwaitHangUp(0);
            LinuxCalls.EndAtOnce();
        },
        maxStackSize: 128 * 1024)
    {
        IsBackground = true,
        Name = "pool watch",
    }.Start();
}
