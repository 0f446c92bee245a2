using System.Runtime.InteropServices;

namespace OssProxy.Core.Rendering.Vips;

/// <summary>
/// Where libvips is. In this order: the path that was configured; the system's <c>libvips.so.42</c>, because only that may decode HEIC;
/// the file that came with the program; the one file of the npm package, should somebody have put that beside the program. Each is
/// enough by itself: looking up a symbol covers what a library depends on, so GLib comes with it.
/// </summary>
/// <param name="Path">The file that the loader took.</param>
internal sealed partial record VipsLibrary(nint Handle, string Path)
{
    private const string FileName = "libvips.so.42";

    private static VipsLibrary? _loaded;

    /// <summary>Loads the first that there is; the same one ever after.</summary>
    /// <param name="configured">A path; null or empty to look for one. A path that does not load is an error, not a reason to look
    /// elsewhere.</param>
    /// <param name="tried">What was tried, for the one who has to be told.</param>
    public static VipsLibrary? Load(string? configured, out IReadOnlyList<string> tried)
    {
        tried = [];
        if (_loaded is null && TryLoad(configured, out tried) is { } found)
        {
            _loaded = found;
            NativeLibrary.SetDllImportResolver(
                typeof(VipsLibrary).Assembly, static (name, _, _) => name == VipsNative.Library ? _loaded!.Handle : 0);
        }

        return _loaded;
    }

    /// <summary>Loads it without making it the one that is used.</summary>
    /// <inheritdoc cref="Load"/>
    internal static VipsLibrary? TryLoad(string? configured, out IReadOnlyList<string> tried)
    {
        var attempts = new List<string>();
        tried = attempts;
        foreach (var candidate in string.IsNullOrEmpty(configured) ? Candidates() : [configured])
        {
            attempts.Add(candidate);

            // A bare name goes to the system's loader as it is: this overload does not look into the program's own folder first.
            if (NativeLibrary.TryLoad(candidate, out var handle)
                && NativeLibrary.TryGetExport(handle, "vips_operation_new", out var symbol))
                return new VipsLibrary(handle, FileOf(symbol) ?? candidate);
        }

        return null;
    }

    /// <summary>The files that are looked for, in order, when none is configured.</summary>
    public static IReadOnlyList<string> Candidates()
    {
        var triplet = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
        var rid = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "linux-arm64" : "linux-x64";

        // The system's by full paths first: where the program's folder is a place that the loader searches (a self-contained program),
        // the bare name would find the bundled file.
        var system = (Environment.GetEnvironmentVariable("LD_LIBRARY_PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Concat(["/usr/local/lib", $"/usr/local/lib/{triplet}", $"/usr/lib/{triplet}", "/usr/lib64", "/usr/lib"])
            .Select(folder => System.IO.Path.Combine(folder, FileName));
        var home = AppContext.BaseDirectory;
        string[] ours = [System.IO.Path.Combine(home, FileName), System.IO.Path.Combine(home, "runtimes", rid, "native", FileName)];
        var npm = Directory.EnumerateFiles(home, "libvips-cpp.so.*");

        return [.. system.Where(File.Exists), FileName, .. ours.Where(File.Exists), .. npm];
    }

    private static string? FileOf(nint symbol) =>
        dladdr(symbol, out var found) != 0 ? Marshal.PtrToStringUTF8(found.FileName) : null;

    [LibraryImport("libc")]
    private static partial int dladdr(nint address, out SymbolPlace place);

    [StructLayout(LayoutKind.Sequential)]
    private struct SymbolPlace
    {
        public nint FileName;
        public nint FileStart;
        public nint SymbolName;
        public nint SymbolStart;
    }
}
