using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.Rendering;
using OssProxy.Core.Rendering.Workers;

namespace OssProxy.Tests.Rendering;

/// <summary>A process with a pool, which can be killed as a server is.</summary>
internal static class PoolHost
{
    public const string Word = "pool-host";

    /// <summary>Tells the number of its worker, then keeps it busy; a file says so.</summary>
    public static async Task<int> RunAsync(string[] words)
    {
        await using var pool = new WorkerPool(
            new RenderingOptions { Workers = 1 }, ScriptedWorker.Command, words[0], TimeProvider.System, NullLogger<WorkerPool>.Instance);
        Console.Out.WriteLine(ScriptedWorker.Text(await pool.RenderAsync(ScriptedWorker.Job("pid"), "pid", CancellationToken.None)));
        await pool.RenderAsync(ScriptedWorker.Job($"hang {words[1]}"), "hang", CancellationToken.None);
        return 0;
    }

    /// <summary>Starts one.</summary>
    public static Process Start(string folder, string busy)
    {
        var command = ScriptedWorker.Command;
        return Process.Start(new ProcessStartInfo(command.FileName, [.. command.Words, Word, folder, busy])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;
    }
}
