using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.InteropServices;

namespace OssProxy.Core.Rendering.Workers;

/// <summary>How a program is started whose command line may go on with <see cref="WorkerArguments.Word"/>.</summary>
/// <param name="FileName">The file that is executed.</param>
/// <param name="Words">What stands before the word.</param>
public sealed record WorkerCommand(string FileName, ImmutableArray<string> Words)
{
    /// <summary>Starts a program as it was started itself: by its own executable, or by <c>dotnet</c> with its assembly.</summary>
    public static WorkerCommand Of(Assembly program)
    {
        var running = Environment.ProcessPath ?? "";
        return Path.GetFileNameWithoutExtension(running) == program.GetName().Name
            ? new WorkerCommand(running, [])
            : new WorkerCommand(Host(running), [Path.Combine(AppContext.BaseDirectory, program.GetName().Name + ".dll")]);
    }

    // Whatever has started this process (a test runner, say), the runtime lies three folders below the host that has found it.
    private static string Host(string running)
    {
        if (Path.GetFileNameWithoutExtension(running) == "dotnet")
            return running;
        var root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        var host = Path.Combine(root, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");
        return File.Exists(host) ? host : "dotnet";
    }
}
