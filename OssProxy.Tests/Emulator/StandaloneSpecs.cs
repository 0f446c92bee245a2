using System.Globalization;

namespace OssProxy.Tests.Emulator;

public sealed class StandaloneSpecs : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "ossproxy-emulator-" + Guid.NewGuid().ToString("N"));
    private readonly string[] _credential = [$"--Emulator:Credentials:0:AccessKeyId={WireClient.AccessKeyId}", $"--Emulator:Credentials:0:AccessKeySecret={WireClient.Secret}"];

    [Fact]
    public async Task A_killed_process_keeps_what_it_acknowledged_and_forgets_what_it_did_not()
    {
        using (var first = await EmulatorProcess.StartAsync(_folder, _credential))
        {
            var client = new WireClient(first.Address);
            for (var i = 0; i < 20; i++)
                (await client.PutAsync("/photos/" + i.ToString(CultureInfo.InvariantCulture), $"body {i}")).Status.Should().Be(200);

            using var half = await client.OpenAsync();
            await half.SendAsync(client.Head("PUT", "/photos/half", Signing.V4, ("Content-Length", "1000000"), ("Expect", "100-continue")));
            await half.ReadHeadAsync();
            await half.SendAsync(new byte[200_000]);
            await first.KillAsync();
        }

        using var second = await EmulatorProcess.StartAsync(_folder, _credential);
        var again = new WireClient(second.Address);
        for (var i = 0; i < 20; i++)
            (await again.GetAsync("/photos/" + i.ToString(CultureInfo.InvariantCulture))).Text.Should().Be($"body {i}");

        (await again.GetAsync("/photos/half")).Code.Should().Be("NoSuchKey");
        Directory.EnumerateFiles(Path.Combine(_folder, "temp")).Should().BeEmpty();
        Directory.EnumerateFiles(Path.Combine(_folder, "buckets", "photos", "blobs")).Should().HaveCount(20);
    }

    [Fact]
    public async Task Without_credentials_it_prints_the_pair_it_made()
    {
        using var process = await EmulatorProcess.StartAsync(_folder);
        process.Announcement.Should().Contain("photos").And.Contain(_folder);
        (await process.ReadLineAsync()).Should().MatchRegex("^AccessKeyId EMULATOR[0-9A-F]{16} AccessKeySecret [0-9a-f]{40}$");
    }

    [Fact]
    public async Task It_says_why_it_does_not_start()
    {
        var start = () => EmulatorProcess.StartAsync(_folder, "--Emulator:Urls=http://0.0.0.0:0");
        (await start.Should().ThrowAsync<InvalidOperationException>()).Which.Message.Should().Contain("Emulator:AllowNonLoopback");
    }

    public void Dispose()
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }
}
