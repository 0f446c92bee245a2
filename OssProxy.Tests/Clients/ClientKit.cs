using System.Diagnostics;
using System.Text.Json;
using OssProxy.Tests.Architecture;

namespace OssProxy.Tests.Clients;

/// <summary>The folder <c>clients</c> as somebody has it who uses it with their own server, and node, which runs it.</summary>
internal sealed class ClientKit : IDisposable
{
    /// <summary>What stands for the server in the examples.</summary>
    public const string Placeholder = "https://upload.example.com";

    public const string Module = "ossproxy-upload.js";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public ClientKit(Uri server)
    {
        Server = server;
        Folder = Directory.CreateTempSubdirectory("ossproxy-clients-").FullName;
        Directory.CreateDirectory(Path.Combine(Folder, "examples"));
        foreach (var file in SourceTree.Files.Where(file => file.StartsWith("clients/", StringComparison.Ordinal)))
        {
            File.WriteAllText(
                Path.Combine(Folder, Path.GetRelativePath("clients", file)),
                SourceTree.Read(file).Replace(Placeholder, Authority(server), StringComparison.Ordinal));
        }
    }

    public Uri Server { get; }

    public string Folder { get; }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>An example's text.</summary>
    public string Read(string example) => File.ReadAllText(Path.Combine(Folder, "examples", example));

    /// <summary>Runs one of the clients of <c>node/run.mjs</c> with a photo.</summary>
    /// <returns>What it says came of it.</returns>
    public async Task<JsonElement> RunAsync(string client, string token, string photo, object? options = null)
    {
        var output = await RunAsync(
            "node", [Script("run.mjs"), Folder, client, Authority(Server), token, photo, JsonSerializer.Serialize(options ?? new { })]);
        return JsonDocument.Parse(output).RootElement;
    }

    /// <summary>A script of the tests, where it stands in the tree: it looks for the module from there.</summary>
    public static string Script(string name) => Path.Combine(SourceTree.Root, "OssProxy.Tests", "Clients", "node", name);

    /// <summary>Runs a program and fails with what it said.</summary>
    public static async Task<string> RunAsync(string program, string[] arguments, params (string Name, string Value)[] environment)
    {
        using var deadline = new CancellationTokenSource(Patience);
        using var process = new Process();
        process.StartInfo = new(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
            process.StartInfo.Environment[name] = value;
        process.Start();
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

        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{program} failed: {await errors}{await output}");
    }

    private static string Authority(Uri server) => server.GetLeftPart(UriPartial.Authority);
}
