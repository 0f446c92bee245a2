using OssProxy.Tests.Api;

namespace OssProxy.Tests.Processes;

/// <summary>SIGTERM: uploads in flight end well, or cleanly.</summary>
public sealed class StopSpecs : ProcessSpecs
{
    private readonly byte[] _form = new Form().File("img", "a.jpg", Samples.PhotoOf(3_000_000)).ToBytes();

    [Fact]
    public async Task An_upload_in_flight_is_waited_for_and_answered()
    {
        await using var server = await StartAsync(drain: "00:00:30");
        using var connection = await BeginAsync(server);

        server.Terminate();
        await Eventually.TrueAsync(() => Task.FromResult(server.Output.Contains("shutting down", StringComparison.Ordinal)), "the stop has begun");
        await connection.SendAsync(_form.AsMemory(2_000_000));

        var answer = await connection.ReadToEndAsync();
        answer.Should().StartWith("HTTP/1.1 200");
        await server.ExitAsync();
        server.ExitCode.Should().Be(0);
        (await RowsAsync()).Should().Be(new StoreContents.Rows(0, 1));

        // One line per upload, and it can be found by the id that the client was told.
        var lines = server.Output.Split('\n').Where(line => line.Contains("\"Information\"", StringComparison.Ordinal) && line.Contains("images/", StringComparison.Ordinal)).ToList();
        lines.Should().ContainSingle().Which.Should().Contain("3000000").And.Contain("image/jpeg").And.Contain(RequestIdIn(answer));
    }

    [Fact]
    public async Task An_upload_that_outlasts_the_patience_is_ended_told_and_undone()
    {
        await using var server = await StartAsync(drain: "00:00:01");
        using var connection = await BeginAsync(server);

        server.Terminate();
        var answer = await connection.ReadToEndAsync();

        answer.Should().StartWith("HTTP/1.1 503").And.Contain("ServerStopping");
        await server.ExitAsync();
        server.ExitCode.Should().Be(0);
        (await RowsAsync()).Should().Be(new StoreContents.Rows(0, 0));
        (await StoreContents.HasObjectAsync(Folder)).Should().BeFalse();
    }

    private static string RequestIdIn(string answer) =>
        answer.Split("\r\n").Single(line => line.StartsWith("X-Request-Id: ", StringComparison.Ordinal))["X-Request-Id: ".Length..];

    private async Task<RawConnection> BeginAsync(ServerProcess server)
    {
        var connection = await server.ConnectAsync();
        await connection.SendAsync(Form.Head(Chat, _form.Length));
        await connection.SendAsync(_form.AsMemory(0, 2_000_000));
        await Eventually.TrueAsync(async () => (await RowsAsync()).Pending == 1, "the upload has begun");
        return connection;
    }

    private Task<ServerProcess> StartAsync(string drain)
    {
        var settings = Settings();
        settings["Server:DrainTimeout"] = drain;
        return ServerProcess.StartAsync(settings, Folder);
    }
}
