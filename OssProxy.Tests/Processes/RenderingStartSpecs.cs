namespace OssProxy.Tests.Processes;

/// <summary>What the start says of the image library, and that a server's workers go with it.</summary>
public sealed class RenderingStartSpecs : ProcessSpecs
{
    [Fact]
    public async Task The_start_tells_what_pictures_are_rendered_with_and_the_stop_leaves_no_worker()
    {
        await using var server = await ServerProcess.StartAsync(Settings(("Images:Warm", "true")), Folder);
        await Eventually.TrueAsync(
            () => Task.FromResult(server.Output.Contains("Images are rendered by libvips", StringComparison.Ordinal)), "it is told");
        var workers = Workers(server.Id);

        server.Terminate();
        await server.ExitAsync();

        workers.Should().ContainSingle();
        Directory.Exists($"/proc/{workers[0]}").Should().BeFalse();
        Directory.EnumerateFileSystemEntries(Path.Combine(Folder, "data", "render")).Should().BeEmpty();
        server.Output.Should().NotContain("\"Level\":\"Error\"").And.NotContain("\"Level\":\"Warning\"");
    }

    [Fact]
    public async Task A_server_without_a_library_says_what_to_install_and_serves()
    {
        await using var server = await ServerProcess.StartAsync(Settings(("Images:Warm", "true"), ("Images:Library", "/dev/null")), Folder);
        await Eventually.TrueAsync(
            () => Task.FromResult(server.Output.Contains("There is no libvips", StringComparison.Ordinal)), "it is told");

        using var client = new HttpClient { BaseAddress = server.Address };
        using var health = await client.GetAsync(new Uri("/healthz", UriKind.Relative));

        health.IsSuccessStatusCode.Should().BeTrue();
        server.Output.Should().Contain("apt-get install libvips42").And.NotContain("\"Level\":\"Error\"");
    }

    private static string[] Workers(int server) =>
    [
        .. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)).Select(name => name!)
            .Where(name => Words(name).Contains("render-worker") && Stat(name).Contains($" {server} ", StringComparison.Ordinal)),
    ];

    private static string[] Words(string process) => Read(process, "cmdline").Split('\0');

    // The parent stands behind the name and the state.
    private static string Stat(string process) => Read(process, "stat") is var text && text.Contains(") ", StringComparison.Ordinal)
        ? string.Join(' ', text.Split(") ")[1].Split(' ').Take(2)) + " " : "";

    private static string Read(string process, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/{file}");
        }
        catch (IOException)
        {
            return "";
        }
    }
}
