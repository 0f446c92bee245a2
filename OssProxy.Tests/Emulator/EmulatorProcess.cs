using System.Diagnostics;

namespace OssProxy.Tests.Emulator;

/// <summary>The emulator as a program of its own, to be killed without warning.</summary>
internal sealed class EmulatorProcess : IDisposable
{
    private readonly Process _process;

    private EmulatorProcess(Process process, Uri address, string announcement) => (_process, Address, Announcement) = (process, address, announcement);

    public Uri Address { get; }

    /// <summary>The first line that it printed.</summary>
    public string Announcement { get; }

    public static async Task<EmulatorProcess> StartAsync(string folder, params string[] more)
    {
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "OssProxy.Emulator.dll"), "--Emulator:Urls=http://127.0.0.1:0", $"--Emulator:Folder={folder}", "--Emulator:Buckets:0:Name=photos", .. more,
        ];
        var process = new Process
        {
            StartInfo = new("dotnet", arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true },
        };
        process.Start();
        var line = await process.StandardOutput.ReadLineAsync(WireClient.Deadline)
            ?? throw new InvalidOperationException(await process.StandardError.ReadToEndAsync(WireClient.Deadline));
        return new(process, new(line.Split(' ').First(word => word.StartsWith("http://", StringComparison.Ordinal))), line);
    }

    public Task<string?> ReadLineAsync() => _process.StandardOutput.ReadLineAsync(WireClient.Deadline).AsTask();

    /// <summary>SIGKILL: nothing of the process runs any more.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(WireClient.Deadline);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();

        _process.Dispose();
    }
}
