using OssProxy.Emulator;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Processes;

/// <summary>A real process is killed in the middle of its work; the next one finds nothing that should not be there.</summary>
public sealed class CrashSpecs : ProcessSpecs
{
    [Theory]
    [InlineData("stream")]
    [InlineData("temp")]
    [InlineData("parts")]
    public async Task Killed_half_way_through_a_body(string mode)
    {
        await using (var server = await StartAsync())
        {
            using var connection = await server.ConnectAsync();
            var form = new Form().File("img", "a.jpg", Samples.PhotoOf(3_000_000)).ToBytes();
            await connection.SendAsync(Form.Head($"{Chat}?mode={mode}", form.Length));
            await connection.SendAsync(form.AsMemory(0, 2_000_000));
            await Eventually.TrueAsync(async () => (await RowsAsync()).Pending == 1, "the upload has begun");
            if (mode == "temp")
                await Eventually.TrueAsync(() => Task.FromResult(SpoolFiles().Length == 1), "the body is spooled");
            if (mode == "parts")
                await Eventually.TrueAsync(() => Task.FromResult(StoreContents.HasParts(Folder)), "a part is stored");

            await server.KillAsync();
        }

        (await RowsAsync()).Pending.Should().Be(1, "nobody was left to release it");
        await AfterRestartNothingShouldRemainAsync();
    }

    [Fact]
    public async Task Killed_when_the_object_was_stored_and_the_row_was_not_finished()
    {
        using var stalled = Emulator.Faults.Add(new FaultRule { Operation = OssOperation.PutObject, Delay = TimeSpan.FromMinutes(5) });
        await using (var server = await StartAsync())
        {
            using var connection = await server.ConnectAsync();
            var form = new Form().File("img", "a.jpg", Samples.Photo).ToBytes();
            await connection.SendAsync(Form.Head(Chat, form.Length));
            await connection.SendAsync(form);
            await Eventually.TrueAsync(() => StoreContents.HasObjectAsync(Folder), "the object is stored");

            await server.KillAsync();
        }

        stalled.Dispose();
        await AfterRestartNothingShouldRemainAsync();
    }

    [Fact]
    public async Task What_was_answered_before_the_kill_is_still_there()
    {
        string path;
        await using (var server = await StartAsync())
        {
            using var client = new HttpClient { BaseAddress = server.Address };
            using var response = await client.PostAsync(new Uri(Chat, UriKind.Relative), new Form().File("img", "a.jpg", Samples.Photo).ToContent());
            path = (await Answer.ReadAsync(response)).Row.GetProperty("url").GetString()!;
            await server.KillAsync();
        }

        await using var next = await StartAsync();
        using var reader = new HttpClient();
        (await reader.GetByteArrayAsync(path)).Should().Equal(Samples.Photo);
        (await RowsAsync()).Should().Be(new StoreContents.Rows(0, 1));
    }

    [Fact]
    public async Task A_second_process_on_the_same_dataFolder_refuses_to_start()
    {
        await using var first = await StartAsync();

        await using var second = await ServerProcess.RunAsync([], Settings(), Folder);

        second.ExitCode.Should().Be(1);
        second.Output.Should().Contain("Data:Folder");
    }

    private async Task AfterRestartNothingShouldRemainAsync()
    {
        await using var server = await StartAsync();
        await Eventually.TrueAsync(
            async () => await RowsAsync() is { Pending: 0, Stored: 0 } && !await StoreContents.HasObjectAsync(Folder)
                && !StoreContents.HasParts(Folder) && SpoolFiles().Length == 0,
            "no object, no part, no row, no spool file");
    }

    private Task<ServerProcess> StartAsync() => ServerProcess.StartAsync(Settings(("Uploads:PartBytes", "1048576")), Folder);

    private string[] SpoolFiles()
    {
        var spool = Path.Combine(Folder, "spool");
        return Directory.Exists(spool) ? Directory.GetFiles(spool) : [];
    }
}
