using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace OssProxy.Tests.Api;

/// <summary>Who is refused is not asked for a body, and a body that comes all the same is taken in within a bound.</summary>
public sealed class UnreadBodySpecs : ApiSpecs
{
    private const string Chat = "/api/chat/uploadAliyun";
    private const string Multipart = "multipart/form-data; boundary=" + Form.Boundary;

    protected override (string, string)[] Settings => [("Uploads:MaxFileBytes", "2000000")];

    [Theory]
    [InlineData(Chat, Multipart, 10_000_000, "", "413", "FileTooLarge")]
    [InlineData(Chat, Multipart, 1000, "Content-Encoding: gzip\r\n", "415", "EncodingNotSupported")]
    [InlineData(Chat, "application/json", 1000, "", "400", "NotMultipart")]
    [InlineData(Chat, "multipart/form-data", 1000, "", "400", "FormMalformed")]
    [InlineData(Chat + "?mode=pigeon", Multipart, 1000, "", "400", "TransferUnknown")]
    [InlineData("/admin/image/upload", Multipart, 1000, "", "401", "TokenMissing")]
    [InlineData("/shop/admin/image/uploadAliyun", Multipart, 1000, "token: wrong\r\n", "401", "TokenInvalid")]
    [InlineData("/uploadStreamSingleToServerDiy/..%5C..", Multipart, 1000, "", "400", "FolderInvalid")]
    [InlineData("/no/such/route", Multipart, 1000, "", "404", "RouteNotFound")]
    [InlineData("/healthz", Multipart, 1000, "", "405", "MethodNotAllowed")]
    public async Task Who_waits_to_be_told_to_continue_hears_only_the_refusal(
        string path, string type, long length, string headers, string status, string code)
    {
        using var connection = await Server.ConnectAsync();

        await connection.SendAsync(
            $"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {type}\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n{headers}\r\n");
        var answer = await connection.ReadAnswerAsync();

        answer.Should().StartWith("HTTP/1.1 " + status).And.Contain(code).And.NotContain("100 Continue")
            .And.Contain("Connection: close\r\n", "what follows on this connection could be the body or another request");
    }

    [Fact]
    public async Task Who_is_admitted_is_told_to_continue_and_keeps_the_connection()
    {
        using var connection = await Server.ConnectAsync();
        var form = new Form().File("img", "a.jpg", Samples.Photo).ToBytes();

        for (var i = 0; i < 2; i++)
        {
            await connection.SendAsync(Form.Head(Chat, form.Length, "Expect: 100-continue\r\n"));
            (await connection.ReadUntilAsync("\r\n\r\n")).Should().Be("HTTP/1.1 100 Continue\r\n\r\n");
            await connection.SendAsync(form);
            (await connection.ReadAnswerAsync()).Should().StartWith("HTTP/1.1 200").And.NotContain("Connection: close");
        }
    }

    [Fact]
    public async Task A_refusal_that_was_made_inside_the_body_keeps_the_connection_of_who_was_told_to_continue()
    {
        using var connection = await Server.ConnectAsync();
        var form = new Form().File("img", "a.html", "<html><script>1</script>"u8).ToBytes();

        await connection.SendAsync(Form.Head(Chat, form.Length, "Expect: 100-continue\r\n"));
        (await connection.ReadUntilAsync("\r\n\r\n")).Should().StartWith("HTTP/1.1 100");
        await connection.SendAsync(form);

        (await connection.ReadAnswerAsync()).Should().StartWith("HTTP/1.1 415").And.NotContain("Connection: close");
        await ShouldServeAsync(connection);
    }

    [Theory]
    [InlineData("/admin/image/upload", "", 8_000, "401")]
    [InlineData(Chat, "", 300_000, "415")]
    [InlineData(Chat, "", 3_500_000, "413")]
    [InlineData("/no/such/route", "", 8_000, "404")]
    [InlineData(Chat, "Content-Encoding: gzip\r\n", 8_000, "415")]
    public async Task A_connection_on_which_a_body_was_left_unread_serves_the_next_request(string path, string headers, int length, string status)
    {
        using var connection = await Server.ConnectAsync();
        var html = new byte[length];
        "<html><script>1</script>"u8.CopyTo(html);
        var form = new Form().File("img", "a.html", html).ToBytes();

        await connection.SendAsync(Form.Head(path, form.Length, headers));
        await connection.SendAsync(form);

        (await connection.ReadAnswerAsync()).Should().StartWith("HTTP/1.1 " + status).And.NotContain("Connection: close");
        await ShouldServeAsync(connection);
    }

    // Each costs Kestrel's five seconds, so all wait at the same time.
    [Fact]
    public async Task A_rest_that_does_not_come_or_comes_slowly_ends_the_connection_and_its_client_has_had_the_answer()
    {
        await Task.WhenAll(
            EndsAsync("/admin/image/upload", 40_000_000, 100_000, "401", drips: false),
            EndsAsync("/admin/image/upload", 40_000_000, 100_000, "401", drips: true),
            EndsAsync(Chat, 10_000_000, 0, "413", drips: true),
            EndsAsync("/no/such/route", 10_000_000, 1000, "404", drips: false));

        async Task EndsAsync(string path, long length, int sent, string status, bool drips)
        {
            using var connection = await Server.ConnectAsync();
            await connection.SendAsync(Form.Head(path, length));
            await connection.SendAsync(new byte[sent]);
            var all = connection.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(15));
            using var drip = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
            while (drips && !all.IsCompleted && await drip.WaitForNextTickAsync())
            {
                try
                {
                    await connection.SendAsync(new byte[1000]);
                }
                catch (System.Net.Sockets.SocketException)
                {
                    // Closed by the other side: what is waited for.
                    break;
                }
            }

            (await all).Should().StartWith("HTTP/1.1 " + status).And.EndWith("}");
        }
    }

    [Fact]
    public async Task A_server_that_stops_refuses_on_connections_that_are_kept_and_closes_them()
    {
        using var kept = await Server.ConnectAsync();
        await ShouldServeAsync(kept);
        using var waiting = await Server.ConnectAsync();
        using var stranger = await Server.ConnectAsync();

        Server.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await kept.SendAsync(Form.Head(Chat, 1000));
        await waiting.SendAsync(Form.Head(Chat, 1000, "Expect: 100-continue\r\n"));
        await stranger.SendAsync(Form.Head("/admin/image/upload", 1000));

        foreach (var connection in new[] { kept, waiting })
        {
            (await connection.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(4))).Should().StartWith("HTTP/1.1 503")
                .And.Contain("ServerStopping").And.Contain("Retry-After: 5\r\n").And.Contain("Connection: close\r\n").And.NotContain("100 Continue");
        }

        (await stranger.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(4))).Should().StartWith("HTTP/1.1 401", "no rest is waited for");
    }

    private static async Task ShouldServeAsync(RawConnection connection)
    {
        await connection.SendAsync("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
        (await connection.ReadAnswerAsync()).Should().StartWith("HTTP/1.1 200").And.Contain("alive");
    }
}
