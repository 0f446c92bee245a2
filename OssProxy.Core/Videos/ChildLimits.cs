using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OssProxy.Core.Videos;

/// <summary>
/// What a child process may take of the machine. Set from outside, right after its start, so that nothing of ours runs between fork and exec.
/// Linux only; elsewhere the deadline alone bounds it.
/// </summary>
internal static class ChildLimits
{
    // <sys/resource.h> of Linux, the same for x86-64 and ARM64.
    private const int Cpu = 0;
    private const int FileSize = 1;
    private const int Core = 4;
    private const int OpenFiles = 7;
    private const int AddressSpace = 9;

    private const ulong MostOpenFiles = 64;

    /// <summary>Sets them. A process that has ended by then needs none.</summary>
    public static void Set(Process child, long memoryBytes, TimeSpan cpu)
    {
        try
        {
            child.PriorityClass = ProcessPriorityClass.BelowNormal;
        }
        catch (Exception failure) when (failure is InvalidOperationException or Win32Exception)
        {
            // It has ended, or the machine does not let us; it is polite, not necessary.
        }

        if (!OperatingSystem.IsLinux())
            return;
        Limit(child.Id, AddressSpace, (ulong)memoryBytes);

        // Below the hard limit the signal is one of its own (SIGXCPU), which tells it from a child that somebody has killed.
        var seconds = (ulong)Math.Ceiling(cpu.TotalSeconds) + 1;
        Limit(child.Id, Cpu, seconds, seconds + 1);
        Limit(child.Id, FileSize, 0);
        Limit(child.Id, Core, 0);
        Limit(child.Id, OpenFiles, MostOpenFiles);
    }

    private static void Limit(int process, int resource, ulong most) => Limit(process, resource, most, most);

    private static void Limit(int process, int resource, ulong soft, ulong hard)
    {
        var limit = new ResourceLimit(soft, hard);
        _ = SetLimit(process, resource, in limit, IntPtr.Zero);
    }

    [DllImport("libc", EntryPoint = "prlimit64", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int SetLimit(int process, int resource, in ResourceLimit limit, IntPtr before);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct ResourceLimit(ulong soft, ulong hard)
    {
        private readonly ulong _soft = soft;
        private readonly ulong _hard = hard;
    }
}
