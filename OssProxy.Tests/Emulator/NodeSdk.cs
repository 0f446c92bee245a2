using System.Diagnostics;

namespace OssProxy.Tests.Emulator;

/// <summary>Aliyun's SDK for Node and a build of libvips, restored once per build output from the package.json beside them.</summary>
internal static class NodeSdk
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Emulator", "node");

    // One at a time: two that install into one folder at once leave half of it.
    private static readonly SemaphoreSlim Turn = new(1);

    public static async Task RestoreAsync()
    {
        await Turn.WaitAsync();
        try
        {
            // npm writes this file last.
            var last = new FileInfo(Path.Combine(Folder, "node_modules", ".package-lock.json"));
            if (!last.Exists || last.LastWriteTimeUtc < File.GetLastWriteTimeUtc(Path.Combine(Folder, "package.json")))
                await RunAsync("npm", "install", "--no-audit", "--no-fund", "--no-package-lock");
        }
        finally
        {
            Turn.Release();
        }
    }

    /// <summary>The folder of what is installed, once it is.</summary>
    public static async Task<string> InstalledAsync()
    {
        await RestoreAsync();
        return Folder;
    }

    /// <summary>Runs one of the scripts beside the package.json.</summary>
    public static Task<string> RunScriptAsync(string script, params string[] arguments) => RunAsync("node", [script, .. arguments]);

    public static Task<string> WalkAsync(params string[] arguments) => RunScriptAsync("walk.js", arguments);

    public static Task<string> PostAsync(params string[] arguments) => RunAsync("node", ["post.js", .. arguments]);

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var deadline = new CancellationTokenSource(Patience);
        using var process = new Process();
        process.StartInfo = new(program, arguments) { WorkingDirectory = Folder, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            process.Start();
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new InvalidOperationException($"'{program}' is missing: this test needs Node.js and npm, which test.sh installs.", exception);
        }

        var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        var errors = process.StandardError.ReadToEndAsync(deadline.Token);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed: {await errors}{await output}");
    }
}
