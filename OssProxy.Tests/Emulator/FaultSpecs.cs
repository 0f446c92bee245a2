using System.Globalization;
using System.Net.Sockets;
using System.Text;
using OssProxy.Emulator;

namespace OssProxy.Tests.Emulator;

public sealed class FaultSpecs : EmulatorSpecs
{
    [Fact]
    public async Task A_status_takes_the_place_of_the_work_for_the_calls_that_are_meant()
    {
        using var fault = Server.Faults.Add(new() { Operation = OssOperation.PutObject, KeyPattern = "images/*.jpg", First = 2, Count = 1, Status = 503 });
        (await Client.PutAsync("/photos/images/1.jpg", "1")).Status.Should().Be(200);
        (await Client.PutAsync("/photos/images/2.png", "2")).Status.Should().Be(200);
        var hit = await Client.PutAsync("/photos/images/3.jpg", "3");
        (hit.Status, hit.Code).Should().Be((503, "ServiceUnavailable"));
        (await Client.PutAsync("/photos/images/4.jpg", "4")).Status.Should().Be(200);
        (await Client.GetAsync("/photos/images/3.jpg")).Status.Should().Be(404);
        fault.Hits.Should().Be(1);
    }

    [Theory]
    [InlineData(FaultBody.None, "", null)]
    [InlineData(FaultBody.Html, "<html>", "text/html")]
    [InlineData(FaultBody.Xml, "<?xml", "application/xml")]
    public async Task An_error_may_come_with_any_body(FaultBody body, string begins, string? contentType)
    {
        Server.Faults.Add(new() { Status = 502, Body = body, ConsumeBody = true, ReplyHeaders = new Dictionary<string, string> { ["Retry-After"] = "7" } });
        var reply = await Client.PutAsync("/photos/x", "12345");
        (reply.Status, reply["Retry-After"], reply["Content-Type"]).Should().Be((502, "7", contentType));
        reply.Text.Should().StartWith(begins);
        Server.Requests.Snapshot()[^1].BodyBytes.Should().Be(5);
    }

    [Theory]
    [InlineData(FaultReset.BeforeBody, 0)]
    [InlineData(FaultReset.DuringBody, 1000)]
    [InlineData(FaultReset.BeforeReply, 0)]
    public async Task A_reset_is_a_reset_and_only_the_last_one_leaves_an_object(FaultReset reset, long after)
    {
        Server.Faults.Add(new() { Operation = OssOperation.PutObject, Reset = reset, ResetAfterBytes = after });
        using var connection = await Client.OpenAsync();
        await connection.SendAsync(Client.Head("PUT", "/photos/reset", Signing.V4, ("Content-Length", "4000")));
        if (reset != FaultReset.BeforeBody)
            await connection.SendAsync(new byte[reset == FaultReset.DuringBody ? 2000 : 4000]);

        var read = () => connection.ReadToEndAsync();
        (await read.Should().ThrowAsync<IOException>()).WithInnerException<SocketException>().Which.SocketErrorCode.Should().Be(SocketError.ConnectionReset);
        (await Server.Requests.WaitForAsync(e => e.Key == "reset", WireClient.Deadline)).Status.Should().Be(0);
        (await Client.GetAsync("/photos/reset")).Status.Should().Be(reset == FaultReset.BeforeReply ? 200 : 404);
    }

    [Fact]
    public async Task A_reply_is_delayed_by_the_clock_that_was_given()
    {
        var started = TimeProvider.System.GetTimestamp();
        Server.Faults.Add(new() { Delay = TimeSpan.FromMilliseconds(150) });
        (await Client.PutAsync("/photos/slow", "x")).Status.Should().Be(200);
        TimeProvider.System.GetElapsedTime(started).Should().BeGreaterThan(TimeSpan.FromMilliseconds(140));
    }

    [Fact]
    public async Task A_body_is_read_no_faster_than_allowed()
    {
        Server.Faults.Add(new() { BodyBytesPerSecond = 1 << 20 });
        var started = TimeProvider.System.GetTimestamp();
        (await Client.SendAsync("PUT", "/photos/throttled", new byte[400 << 10])).Status.Should().Be(200);
        TimeProvider.System.GetElapsedTime(started).Should().BeGreaterThan(TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public async Task A_reply_is_cut_after_so_many_bytes()
    {
        await Client.SendAsync("PUT", "/photos/cut", new byte[5000]);
        Server.Faults.Add(new() { Operation = OssOperation.GetObject, TruncateReplyAfterBytes = 1234 });
        using var connection = await Client.OpenAsync();
        await connection.SendAsync(Client.Head("GET", "/photos/cut", Signing.V4));
        (await connection.ReadHeadAsync()).Should().StartWith("HTTP/1.1 200").And.Contain("Content-Length: 5000");
        (await connection.ReadExactlyAsync(1234)).Should().HaveCount(1234);
        var rest = async () => (await connection.ReadToEndAsync()).Length;
        await rest.Should().ThrowAsync<IOException>();
    }

    [Fact]
    public async Task A_wrong_checksum_is_reported_for_the_right_bytes()
    {
        using (Server.Faults.Add(new() { WrongCrc = true }))
            (await Client.PutAsync("/photos/crc", "123456789"))["x-oss-hash-crc64ecma"].Should().NotBe("11051210869376104954");

        (await Client.GetAsync("/photos/crc"))["x-oss-hash-crc64ecma"].Should().Be("11051210869376104954");
    }

    [Fact]
    public async Task A_skewed_clock_refuses_good_signatures_and_shows_its_own_time()
    {
        Server.Faults.Add(new() { ClockSkew = TimeSpan.FromHours(1), Count = 1 });
        var reply = await Client.GetAsync("/photos/x");
        (reply.Status, reply.Code).Should().Be((403, "RequestTimeTooSkewed"));
        var expected = TimeProvider.System.GetUtcNow().AddHours(1);
        DateTimeOffset.Parse(reply["Date"]!, CultureInfo.InvariantCulture).Should().BeCloseTo(expected, TimeSpan.FromMinutes(1));
        DateTimeOffset.Parse(reply.Xml.Element("ServerTime")!.Value, CultureInfo.InvariantCulture).Should().BeCloseTo(expected, TimeSpan.FromMinutes(1));
        (await Client.GetAsync("/photos/x")).Status.Should().Be(404);
    }

    [Fact]
    public async Task A_stalled_request_waits_until_it_is_released()
    {
        var fault = Server.Faults.Add(new() { Stall = true, Count = 1 });
        var put = Client.PutAsync("/photos/stalled", "x");
        await fault.WaitForHitAsync(WireClient.Deadline);
        put.IsCompleted.Should().BeFalse();
        fault.Release();
        (await put).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_stalled_request_ends_with_its_client()
    {
        var fault = Server.Faults.Add(new() { Stall = true, Name = "silence" });
        using var connection = await Client.OpenAsync();
        await connection.SendAsync(Client.Head("GET", "/photos/stalled", Signing.V4));
        await fault.WaitForHitAsync(WireClient.Deadline);
        connection.Abort();
        var entry = await Server.Requests.WaitForAsync(e => e.Fault == "silence", WireClient.Deadline);
        entry.Status.Should().Be(0);
    }

    [Fact]
    public async Task Other_processes_set_faults_over_HTTP_only_where_that_was_opened()
    {
        var rule = """{"operation":"GetObject","keyPattern":"a*","status":500,"delay":"00:00:00.010"}"""u8.ToArray();
        (await Client.SendAsync("POST", "/__emulator/faults", rule, Signing.None, ("Content-Type", "application/json"))).Status.Should().Be(400);

        await Server.DisposeAsync();
        var options = Options();
        options.ControlEndpoint = true;
        await StartAsync(options);
        (await Client.SendAsync("POST", "/__emulator/faults", rule, Signing.None, ("Content-Type", "text/plain"))).Status.Should().Be(415);
        (await Client.SendAsync("GET", "/__emulator/faults", null, Signing.None, ("Host", "rebound.example.com"))).Status.Should().Be(403);
        (await Client.SendAsync("POST", "/__emulator/faults", """{"stauts":500}"""u8.ToArray(), Signing.None, ("Content-Type", "application/json"))).Status.Should().Be(400);
        (await Client.SendAsync("POST", "/__emulator/faults", rule, Signing.None, ("Content-Type", "application/json"))).Status.Should().Be(200);
        (await Client.GetAsync("/photos/abc")).Status.Should().Be(500);
        Encoding.UTF8.GetString((await Client.SendAsync("GET", "/__emulator/requests", null, Signing.None)).Body).Should().Contain("\"operation\":\"GetObject\"").And.Contain("\"status\":500");
        (await Client.SendAsync("DELETE", "/__emulator/faults", null, Signing.None)).Status.Should().Be(204);
        (await Client.GetAsync("/photos/abc")).Status.Should().Be(404);
    }
}
