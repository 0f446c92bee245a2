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
        await StoppingAsync(server);
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

    [Fact]
    public async Task During_the_stop_a_request_that_was_begun_before_it_is_refused_and_the_running_one_goes_on()
    {
        await using var server = await StartAsync(drain: "00:00:30");
        using var running = await BeginAsync(server);
        using var late = await server.ConnectAsync();
        var head = Form.Head(Chat, 1000, "Expect: 100-continue\r\n");
        await late.SendAsync(head[..40]);
        await Eventually.TrueAsync(() => Task.FromResult(late.IsRead()), "the request has begun");

        server.Terminate();
        await StoppingAsync(server);
        await late.SendAsync(head[40..]);

        (await late.ReadToEndAsync()).Should().StartWith("HTTP/1.1 503").And.Contain("ServerStopping").And.Contain("Connection: close\r\n")
            .And.Contain("Retry-After: ").And.NotContain("100 Continue");
        await running.SendAsync(_form.AsMemory(2_000_000));
        (await running.ReadToEndAsync()).Should().StartWith("HTTP/1.1 200").And.Contain("Connection: close\r\n");
        await server.ExitAsync();
        server.ExitCode.Should().Be(0);
        server.Output.Should().NotContain("\"Level\":\"Error\"", "a refusal is no fault");
    }

    [Fact]
    public async Task A_second_signal_ends_the_process_at_once_and_the_next_one_clears_what_it_left()
    {
        await using (var server = await StartAsync(drain: "00:05:00"))
        {
            using var connection = await BeginAsync(server);
            var exited = server.ExitAsync();

            server.Terminate();
            await StoppingAsync(server);
            // Signals that come together are one wish, so that the second may have to be given again.
            await Eventually.TrueAsync(
                () =>
                {
                    if (!exited.IsCompleted)
                        server.Terminate();
                    return Task.FromResult(exited.IsCompleted);
                },
                "the process has ended");

            server.ExitCode.Should().Be(143, "128 and the number of SIGTERM");
            server.Output.Should().Contain("A second signal");
        }

        (await RowsAsync()).Pending.Should().Be(1, "nobody was left to release it");
        await using var next = await StartAsync(drain: "00:00:30");
        await Eventually.TrueAsync(
            async () => await RowsAsync() is { Pending: 0, Stored: 0 } && !await StoreContents.HasObjectAsync(Folder), "no object, no row");
    }

    [Fact]
    public async Task Two_signals_that_come_together_are_one_wish()
    {
        await using var server = await StartAsync(drain: "00:00:30");
        using var connection = await BeginAsync(server);

        server.Terminate(times: 2);
        await StoppingAsync(server);
        await connection.SendAsync(_form.AsMemory(2_000_000));

        (await connection.ReadToEndAsync()).Should().StartWith("HTTP/1.1 200");
        await server.ExitAsync();
        server.ExitCode.Should().Be(0);
    }

    private static Task StoppingAsync(ServerProcess server) => Eventually.TrueAsync(
        () => Task.FromResult(server.Output.Contains("shutting down", StringComparison.Ordinal)), "the stop has begun");

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
