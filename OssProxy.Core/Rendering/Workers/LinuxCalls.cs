using System.Runtime.InteropServices;

namespace OssProxy.Core.Rendering.Workers;

/// <summary>What a worker asks of the kernel. Numbers are those of x86-64 and arm64, which agree in all of these.</summary>
internal static partial class LinuxCalls
{
    /// <summary>Resources of <see cref="Limit"/>.</summary>
    public const int CpuSeconds = 0, FileBytes = 1, DataBytes = 2, CoreBytes = 4, OpenFiles = 7;

    /// <summary>Signals.</summary>
    public const int Interrupt = 2, Kill = 9, Terminate = 15;

    private const int SetPipeSize = 1031;
    private const int SetDumpable = 4, SetNoNewPrivileges = 38;
    private const int NewNetwork = 0x40000000;
    private const short HungUp = 0x10, Broken = 0x08;
    private static readonly nint Ignore = 1;

    /// <summary>Lowers a limit of this process, soft and hard alike; what is lower already stays.</summary>
    public static bool Limit(int resource, ulong most)
    {
        if (GetLimit(resource, out var limit) != 0)
            return false;
        limit = new ResourceLimit { Soft = Math.Min(limit.Soft, most), Hard = Math.Min(limit.Hard, most) };
        return SetLimit(resource, in limit) == 0;
    }

    /// <summary>Moves a soft limit, as far as the hard one lets it.</summary>
    public static void MoveLimit(int resource, ulong most)
    {
        if (GetLimit(resource, out var limit) != 0)
            return;
        limit.Soft = Math.Min(most, limit.Hard);
        _ = SetLimit(resource, in limit);
    }

    public static void IgnoreSignal(int signal) => _ = Signal(signal, Ignore);

    /// <summary>Makes other processes of the machine go first. A thread of Linux has a niceness of its own, and those to come inherit
    /// it.</summary>
    public static void BeNice(int thread, int niceness) => _ = SetPriority(0, thread, niceness);

    /// <summary>A process group of its own: what is typed at a terminal is for the server.</summary>
    public static void LeaveGroup() => _ = SetGroup(0, 0);

    public static void GainNothing() => _ = Control(SetNoNewPrivileges, 1, 0, 0, 0);

    public static void DumpNothing() => _ = Control(SetDumpable, 0, 0, 0, 0);

    /// <summary>An empty network for this thread and those that it starts; where that is not permitted, nothing.</summary>
    public static bool LeaveNetwork() => Unshare(NewNetwork) == 0;

    public static void MaskFiles() => _ = Mask(0b111_111);

    /// <summary>Makes a pipe hold more, so that who writes and who reads wake each other less often; where it is not permitted,
    /// nothing.</summary>
    public static void WidenPipe(int descriptor, int bytes) => _ = FileControl(descriptor, SetPipeSize, bytes);

    /// <summary>Gives the output another number and lets what any library prints go to the errors.</summary>
    /// <returns>The new number; the old one when it could not be.</returns>
    public static int KeepOutputClean()
    {
        var kept = Duplicate(1);
        if (kept < 0)
            return 1;
        _ = DuplicateTo(2, 1);
        return kept;
    }

    /// <summary>Waits until nobody holds the other end of a pipe.</summary>
    public static void AwaitHangUp(int descriptor)
    {
        var watched = new Watched { Descriptor = descriptor };
        while (Poll(ref watched, 1, -1) < 0 || (watched.Returned & (HungUp | Broken)) == 0)
        {
            // Interrupted by a signal.
        }
    }

    public static void EndAtOnce() => _ = SendSignal(Environment.ProcessId, Kill);

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out ResourceLimit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in ResourceLimit limit);

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint Signal(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int niceness);

    [LibraryImport("libc", EntryPoint = "setpgid")]
    private static partial int SetGroup(int process, int group);

    // Variadic in the header, but the wrapper of every libc reads four words whatever it is given.
    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    [LibraryImport("libc", EntryPoint = "unshare")]
    private static partial int Unshare(int flags);

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint Mask(uint mask);

    // Likewise: the third word is read for this command.
    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int FileControl(int descriptor, int command, nint argument);

    [LibraryImport("libc", EntryPoint = "dup")]
    private static partial int Duplicate(int descriptor);

    [LibraryImport("libc", EntryPoint = "dup2")]
    private static partial int DuplicateTo(int descriptor, int target);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref Watched watched, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);

    private struct ResourceLimit
    {
        public ulong Soft;
        public ulong Hard;
    }

    private struct Watched
    {
        public int Descriptor;
        public short Asked;
        public short Returned;
    }
}
