using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using OssProxy.Core.Identity;
using OssProxy.Tests.Api;
using OssProxy.Tests.Architecture;

namespace OssProxy.Tests.Processes;

/// <summary>What a newcomer copies out of the README works as it stands there; only the port is another one.</summary>
public sealed partial class ReadmeSpecs : IAsyncLifetime
{
    private const int TwoHundredMegabytes = 200 * 1024 * 1024;

    private readonly string _folder = Directory.CreateTempSubdirectory("ossproxy-readme-").FullName;
    private ServerProcess? _server;

    public async Task InitializeAsync()
    {
        foreach (var name in new[] { "photo.jpg", "one.jpg", "two.jpg" })
            File.Copy(Samples.PathOf("photo.jpg"), Path.Combine(_folder, name));
        await WriteVideoAsync(Path.Combine(_folder, "video.mp4"));

        // Every setting that the README puts before the server's command, all at once.
        var settings = new Dictionary<string, string?>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["Emulator:Urls"] = $"http://127.0.0.1:{FreePort()}",
            ["Data:Folder"] = Path.Combine(_folder, "data"),
        };
        foreach (Match match in Setting().Matches(Text("README.md")))
            settings[match.Groups["key"].Value] = match.Groups["value"].Value;
        _server = await ServerProcess.StartAsync(settings, _folder);
    }

    public async Task DisposeAsync()
    {
        await _server!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Every_curl_command_of_both_succeeds_and_what_it_stored_can_be_read_back()
    {
        var commands = Commands("README.md");
        commands.Should().HaveCountGreaterThanOrEqualTo(5);
        Commands("README.en.md").Should().Equal(commands);
        commands.Should().Contain(command => command.Contains($"token: {AuthOptionsValidator.SampleKey}", StringComparison.Ordinal), "it is refused in production");
        foreach (var command in commands)
        {
            var answer = JsonDocument.Parse(await RunAsync("sh", ["-c", command])).RootElement;

            answer.GetProperty("code").GetInt32().Should().Be(200, command);
            var files = SentFile().Matches(command).Select(match => Path.Combine(_folder, match.Groups["file"].Value)).ToList();
            if (files.Count == 0)
                continue;
            var data = answer.GetProperty("data");
            var rows = data.ValueKind == JsonValueKind.Array ? data.EnumerateArray().ToList() : [data];
            rows.Should().HaveCount(files.Count);
            foreach (var (row, file) in rows.Zip(files))
                await ShouldReadBackAsync(row.GetProperty("url").GetString()!, file);
        }
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("README.en.md")]
    public async Task The_snippet_for_uni_app_uploads_a_photo(string readme)
    {
        // uni.uploadFile as the H5 platform does it: text fields first, then the file, the answer's body as text.
        const string Shim = """
            const fs = require('fs')
            const tempFilePath = 'photo.jpg'
            const uni = {
              showToast(o) { throw new Error(o.title) },
              async uploadFile(o) {
                const form = new FormData()
                for (const [name, value] of Object.entries(o.formData ?? {})) form.append(name, value)
                form.append(o.name, new Blob([fs.readFileSync(o.filePath)]), o.filePath)
                const response = await fetch(o.url, { method: 'POST', headers: o.header, body: form })
                o.success({ statusCode: response.status, data: await response.text() })
              },
            }

            """;
        var snippet = Snippet().Match(Text(readme)).Groups["code"].Value;
        snippet.Should().Contain("uni.uploadFile");

        var url = await RunAsync("node", ["-e", Shim + OnOurPort(snippet)]);

        await ShouldReadBackAsync(url.Trim(), Path.Combine(_folder, "photo.jpg"));
    }

    private async Task ShouldReadBackAsync(string url, string file)
    {
        using var client = new HttpClient { BaseAddress = _server!.Address };
        using var response = await client.GetAsync(new Uri(url, UriKind.RelativeOrAbsolute), HttpCompletionOption.ResponseHeadersRead);
        response.IsSuccessStatusCode.Should().BeTrue(url);
        response.Content.Headers.ContentType!.MediaType.Should().Be(file.EndsWith(".mp4", StringComparison.Ordinal) ? "video/mp4" : "image/jpeg");
        await using var expected = File.OpenRead(file);
        await using var actual = await response.Content.ReadAsStreamAsync();
        (await System.Security.Cryptography.SHA256.HashDataAsync(actual))
            .Should().Equal(await System.Security.Cryptography.SHA256.HashDataAsync(expected), url);
    }

    private List<string> Commands(string readme) =>
        [.. Curl().Matches(Text(readme)).Select(match => OnOurPort(match.Value).Replace("curl ", "curl -sS ", StringComparison.Ordinal))];

    private string OnOurPort(string text) => text.Replace("http://localhost:7001/", _server!.Address.ToString(), StringComparison.Ordinal);

    private async Task<string> RunAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = _folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.Should().Be(0, $"{program} said: {await errors}");
        return output;
    }

    // A real video, and behind it a box that players skip (ISO/IEC 14496-12, 8.1.2), so that it weighs 200 MB.
    private static async Task WriteVideoAsync(string path)
    {
        await using var file = File.Create(path);
        await file.WriteAsync(Samples.Clip);
        var box = TwoHundredMegabytes - Samples.Clip.Length;
        await file.WriteAsync(new byte[] { (byte)(box >> 24), (byte)(box >> 16), (byte)(box >> 8), (byte)box, (byte)'f', (byte)'r', (byte)'e', (byte)'e' });
        file.SetLength(TwoHundredMegabytes);
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Text(string readme) => File.ReadAllText(Path.Combine(SourceTree.Root, readme));

    [GeneratedRegex("^curl .*$", RegexOptions.Multiline, 1000)]
    private static partial Regex Curl();

    [GeneratedRegex("^(?<key>[A-Z][A-Za-z]*__[A-Za-z]+)=(?<value>\\S+) dotnet run", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Setting();

    [GeneratedRegex("-F (img|file)=@(?<file>[a-z.0-9]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SentFile();

    [GeneratedRegex("```js\\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Snippet();
}
