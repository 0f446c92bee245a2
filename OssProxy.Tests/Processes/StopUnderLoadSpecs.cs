using OssProxy.Emulator;
using OssProxy.Tests.Api;
using OssProxy.Tests.Faults;

namespace OssProxy.Tests.Processes;

/// <summary>SIGTERM in the middle of the day: a hundred uploads are under way, at every stage at which one can be.</summary>
public sealed class StopUnderLoadSpecs : ProcessSpecs
{
    private const int Uploads = 100;
    private const int Mute = 20;
    private readonly byte[] _form = new Form().File("img", "a.jpg", Samples.PhotoOf(200_000)).ToBytes();

    private enum Stage
    {
        /// <summary>All but the last byte is there, and that comes with the signal.</summary>
        Ending,

        /// <summary>Half is there, and the rest comes while the server waits.</summary>
        HalfWay,

        /// <summary>Half is there, and no more comes.</summary>
        Stuck,

        /// <summary>Nothing is there but the head, and the rest comes while the server waits.</summary>
        Beginning,
    }

    [Fact]
    public async Task What_was_acknowledged_is_kept_and_of_the_rest_nothing_remains()
    {
        var acknowledged = new List<string>();
        var refused = 0;

        // Some that the store has and does not answer for before the patience is over.
        using var mute = Emulator.Faults.Add(
            new FaultRule { Operation = OssOperation.PutObject, Count = Mute, Delay = TimeSpan.FromMinutes(5) });
        await using (var server = await StartAsync())
        {
            var uploads = await Task.WhenAll(Enumerable.Range(0, Uploads).Select(i => BeginAsync(server, i)));
            await Eventually.TrueAsync(
                async () => (await RowsAsync()).Pending == uploads.Count(upload => upload.Stage != Stage.Beginning), "all are under way");

            server.Terminate();
            await Task.WhenAll(uploads.Where(upload => upload.Stage == Stage.Ending).Select(EndAsync));
            await Eventually.TrueAsync(
                () => Task.FromResult(server.Output.Contains("shutting down", StringComparison.Ordinal)), "the stop has begun");
            var answers = uploads.Select(upload => upload.Connection.ReadToEndAsync()).ToList();
            await Task.WhenAll(uploads.Where(upload => upload.Stage is Stage.HalfWay or Stage.Beginning).Select(EndAsync));

            foreach (var answer in await Task.WhenAll(answers))
            {
                if (answer.StartsWith("HTTP/1.1 200", StringComparison.Ordinal))
                    acknowledged.Add(PathIn(answer));
                else
                    refused += answer.StartsWith("HTTP/1.1 503", StringComparison.Ordinal) && answer.Contains("ServerStopping", StringComparison.Ordinal) ? 1 : 0;
            }

            await server.ExitAsync();
            server.ExitCode.Should().Be(0);
            foreach (var upload in uploads)
                upload.Connection.Dispose();
        }

        // How many is a matter of the machine's speed.
        acknowledged.Count.Should().BeInRange(1, Uploads / 4 * 3, "whoever could end in time has ended");
        refused.Should().Be(Uploads - acknowledged.Count, "whoever could not was told to come back");
        mute.Hits.Should().Be(Mute);
        (await RowsAsync()).Stored.Should().Be(acknowledged.Count);

        mute.Dispose();
        await using var next = await StartAsync();
        await Eventually.TrueAsync(
            async () => (await RowsAsync()).Pending == 0 && StoredKeys().Count == acknowledged.Count, "the rest has been settled");
        StoredKeys().Should().BeEquivalentTo(acknowledged);
        (await RowsAsync()).Stored.Should().Be(acknowledged.Count);
        Directory.GetFiles(Path.Combine(Folder, "spool")).Should().BeEmpty();
    }

    private async Task<(RawConnection Connection, int Sent, Stage Stage)> BeginAsync(ServerProcess server, int i)
    {
        var stage = (Stage)(i % 4);
        var sent = stage switch { Stage.Ending => _form.Length - 1, Stage.Beginning => 0, _ => _form.Length / 2 };
        var connection = await server.ConnectAsync();
        await connection.SendAsync(Form.Head($"{Chat}?mode={(i / 4 % 2 == 0 ? "stream" : "temp")}", _form.Length, "Expect: 100-continue\r\n"));
        await connection.ReadUntilAsync("100 Continue\r\n\r\n");
        await connection.SendAsync(_form.AsMemory(0, sent));
        return (connection, sent, stage);
    }

    private Task EndAsync((RawConnection Connection, int Sent, Stage Stage) upload) => upload.Connection.SendAsync(_form.AsMemory(upload.Sent));

    private static string PathIn(string answer) => answer.Split("\"path\":\"")[1].Split('"')[0];

    private IReadOnlyList<string> StoredKeys() => [.. StoredFile.AllOf(Folder).Select(file => file.Key)];

    private Task<ServerProcess> StartAsync() =>
        ServerProcess.StartAsync(Settings(("Server:DrainTimeout", "00:00:03"), ("Uploads:RecheckDelay", "00:00:01")), Folder);
}
