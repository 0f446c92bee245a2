using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Processes;

/// <summary>The server as operators run it: a process of its own, configured by environment variables, ended by signals.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ConcurrentQueue<string> _standardOutput = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is { } written)
                _standardOutput.Enqueue(written);
            Take(line.Data);
        };
        process.ErrorDataReceived += (_, line) => Take(line.Data);
    }

    public int Id => _process.Id;

    public Uri Address { get; private set; } = new("http://localhost");

    public string Output => string.Join('\n', _lines);

    /// <summary>What went to stdout alone, line by line; complete once the process has ended.</summary>
    public IReadOnlyList<string> StandardOutput => [.. _standardOutput];

    public int ExitCode => _process.ExitCode;

    /// <summary>Starts the server and waits until it listens.</summary>
    public static async Task<ServerProcess> StartAsync(IEnumerable<KeyValuePair<string, string?>> settings, string folder)
    {
        var server = Launch([], settings, folder);
        try
        {
            var exited = server.ExitAsync();
            var first = await Task.WhenAny(server._listening.Task, exited).WaitAsync(Deadline);
            if (first == exited)
                throw new InvalidOperationException("The server ended at start:\n" + server.Output);
            server.Address = await server._listening.Task;
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the program and waits until it has ended.</summary>
    /// <param name="input">All of its standard input; null for that of the tests.</param>
    public static async Task<ServerProcess> RunAsync(
        string[] arguments, IEnumerable<KeyValuePair<string, string?>> settings, string folder, string? input = null)
    {
        var server = Launch(arguments, settings, folder, input);
        await server.ExitAsync().WaitAsync(Deadline);
        return server;
    }

    /// <summary>Starts the program and waits for nothing.</summary>
    public static ServerProcess Begin(string[] arguments, IEnumerable<KeyValuePair<string, string?>> settings, string folder) =>
        Launch(arguments, settings, folder);

    /// <summary>What the kernel does to a process that has run out of luck.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await ExitAsync().WaitAsync(Deadline);
    }

    /// <summary>SIGTERM, as a container engine sends it, once or several times in a row.</summary>
    public void Terminate(int times = 1)
    {
        var one = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"kill -TERM {Id};");
        using var kill = Process.Start("sh", ["-c", string.Concat(Enumerable.Repeat(one, times))]);
        kill.WaitForExit();
    }

    public Task ExitAsync() => _process.WaitForExitAsync();

    /// <summary>Resident memory at its highest since the last call of <see cref="ForgetPeak"/>, in bytes.</summary>
    public long Peak() => Status("VmHWM");

    /// <summary>Resident memory now, in bytes.</summary>
    public long Resident() => Status("VmRSS");

    public void ForgetPeak() => File.WriteAllText($"/proc/{Id}/clear_refs", "5");

    public async Task<RawConnection> ConnectAsync()
    {
        var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        await socket.ConnectAsync(Address.Host, Address.Port);
        return new RawConnection(socket);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
    }

    private static ServerProcess Launch(
        string[] arguments, IEnumerable<KeyValuePair<string, string?>> settings, string folder, string? input = null)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "OssProxy.Api.dll"), .. arguments])
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = input is not null,
        };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        foreach (var (key, value) in settings)
        {
            if (key != "urls" && key != "Serilog:MinimumLevel:Default")
                start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        var server = new ServerProcess(new Process { StartInfo = start });
        server._process.Start();
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        if (input is not null)
        {
            server._process.StandardInput.Write(input);
            server._process.StandardInput.Close();
        }

        return server;
    }

    private void Take(string? line)
    {
        if (line is null)
            return;
        _lines.Enqueue(line);
        if (Listening().Match(line) is { Success: true } match)
            _listening.TrySetResult(new Uri(match.Groups["url"].Value));
    }

    private long Status(string name)
    {
        var line = File.ReadLines($"/proc/{Id}/status").First(line => line.StartsWith(name + ":", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(':')[1].Replace("kB", "", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("Now listening on: [\\\\\"]*(?<url>http://[0-9a-z.:]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Listening();
}
