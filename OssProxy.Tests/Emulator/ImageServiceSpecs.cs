using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using OssProxy.Emulator;

namespace OssProxy.Tests.Emulator;

/// <summary><c>x-oss-process</c> goes on to a service, and comes back as it answers.</summary>
public sealed class ImageServiceSpecs : EmulatorSpecs
{
    private const string Resize = "?x-oss-process=image%2Fresize%2Cw_100";

    private EmulatorOptions _options = null!;
    private StandInService _service = null!;

    public override async Task InitializeAsync()
    {
        _service = await StandInService.StartAsync();
        _options = Options();
        _options.ImageServiceUrl = new Uri(_service.Address, "/img/").AbsoluteUri;
        await StartAsync(_options);
        await Client.PutAsync("/photos/a/%E5%9B%BE%20%281%29.jpg", "original");
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _service.DisposeAsync();
    }

    [Fact]
    public async Task A_read_goes_on_with_a_signature_of_its_own_and_the_answer_comes_back()
    {
        _service.Answer = context =>
        {
            context.Response.ContentType = "image/webp";
            context.Response.Headers.ETag = "\"made\"";
            context.Response.Headers["x-secret"] = "of the service";
            return context.Response.WriteAsync("rendered");
        };

        var reply = await Client.GetAsync("/photos/a/%E5%9B%BE%20%281%29.jpg" + Resize, ("Accept", "image/webp"));

        (reply.Status, reply.Text, reply["Content-Type"], reply["ETag"], reply["x-secret"]).Should().Be((200, "rendered", "image/webp", "\"made\"", null));
        reply["x-oss-request-id"].Should().NotBeNullOrEmpty();
        var asked = _service.Requests.Should().ContainSingle().Subject;
        (asked.Method, asked.Headers["accept"], asked.Headers.ContainsKey("authorization")).Should().Be(("GET", "image/webp", false));
        var target = asked.Target.Split('&');
        target[0].Should().Be("/img/a/%E5%9B%BE%20%281%29.jpg" + Resize);
        target[1].Should().Be("OSSAccessKeyId=" + WireClient.AccessKeyId);
        var expires = target[2]["Expires=".Length..];
        DateTimeOffset.FromUnixTimeSeconds(long.Parse(expires, CultureInfo.InvariantCulture)).Should().BeCloseTo(TimeProvider.System.GetUtcNow().AddMinutes(5), TimeSpan.FromMinutes(1));
        target[3].Should().Be("Signature=" + Signed($"GET\n\n\n{expires}\n/photos/a/图 (1).jpg?x-oss-process=image/resize,w_100"));
    }

    [Fact]
    public async Task It_goes_on_with_the_key_that_the_service_knows()
    {
        (_options.ImageServiceAccessKeyId, _options.ImageServiceAccessKeySecret) = (" of-the-service ", " its-secret ");

        await Client.GetAsync("/photos/a/%E5%9B%BE%20%281%29.jpg" + Resize);

        var target = _service.Requests.Should().ContainSingle().Subject.Target.Split('&');
        target[1].Should().Be("OSSAccessKeyId=of-the-service");
        target[3].Should().Be("Signature=" + Signed(
            $"GET\n\n\n{target[2]["Expires=".Length..]}\n/photos/a/图 (1).jpg?x-oss-process=image/resize,w_100", "its-secret"));
    }

    [Fact]
    public async Task What_is_to_be_kept_goes_on_with_its_body()
    {
        var body = "x-oss-process=image/resize,w_100|sys/saveas,o_YS5qcGc"u8.ToArray();

        var reply = await Client.SendAsync(
            "POST", "/photos/a/%E5%9B%BE%20%281%29.jpg?x-oss-process", body, ("Content-Type", "application/x-www-form-urlencoded"));

        reply.Text.Should().Be("rendered");
        var asked = _service.Requests.Should().ContainSingle().Subject;
        (asked.Method, asked.Body, asked.Headers["content-type"]).Should().Be(("POST", Encoding.ASCII.GetString(body), "application/x-www-form-urlencoded"));
        var target = asked.Target.Split('&');
        target[0].Should().EndWith(".jpg?x-oss-process");
        target[3].Should().Be("Signature=" + Signed(
            $"POST\n\napplication/x-www-form-urlencoded\n{target[2]["Expires=".Length..]}\n/photos/a/图 (1).jpg?x-oss-process"));
    }

    [Fact]
    public async Task Refusals_of_the_service_are_passed_on_as_they_are()
    {
        _service.Answer = context =>
        {
            context.Response.StatusCode = 400;
            context.Response.ContentType = "application/xml";
            context.Response.Headers["x-oss-ec"] = "0040-00000007";
            return context.Response.WriteAsync("<Error><Code>ImageTooLarge</Code></Error>");
        };

        var reply = await Client.GetAsync("/photos/a/%E5%9B%BE%20%281%29.jpg?x-oss-process=video%2Fsnapshot%2Ct_20");

        (reply.Status, reply.Code, reply["x-oss-ec"]).Should().Be((400, "ImageTooLarge", "0040-00000007"));
    }

    [Fact]
    public async Task What_can_be_known_here_is_refused_here()
    {
        await Client.PutAsync("/secret/a.jpg", "original");

        (await Client.GetAsync("/photos/none.jpg" + Resize)).Code.Should().Be("NoSuchKey");
        (await Client.GetAsync("/absent/none.jpg" + Resize)).Code.Should().Be("NoSuchBucket");
        (await Client.SendAsync("GET", "/secret/a.jpg" + Resize, null, Signing.None)).Code.Should().Be("AccessDenied");
        (await Client.SendAsync("POST", "/photos/a/%E5%9B%BE%20%281%29.jpg?x-oss-process", "x"u8.ToArray(), Signing.None)).Code.Should().Be("AccessDenied");
        (await Client.SendAsync("PUT", "/photos/b.jpg" + Resize, "x"u8.ToArray())).Status.Should().Be(405);
        (await Client.GetAsync("/photos/a/%E5%9B%BE%20%281%29.jpg" + Resize, ("x-emulator-hop", "1"))).Status.Should().Be(503);
        _service.Requests.Should().BeEmpty();
        (await Client.SendAsync("GET", "/photos/a/%E5%9B%BE%20%281%29.jpg" + Resize, null, Signing.None)).Text.Should().Be("rendered");
        (await Client.GetAsync("/photos/a/%E5%9B%BE%20%281%29.jpg")).Text.Should().Be("original");
        _service.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task Without_a_service_it_is_not_built()
    {
        _options.ImageServiceUrl = "";

        var reply = await Client.GetAsync("/photos/a/%E5%9B%BE%20%281%29.jpg" + Resize);

        (reply.Status, reply.Code).Should().Be((501, "NotImplemented"));
    }

    [Fact]
    public async Task A_service_that_is_not_there_or_does_not_answer_is_told_so()
    {
        _options.Limits.ImageServiceTimeout = TimeSpan.FromMilliseconds(200);
        _service.Answer = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        var silent = await Client.GetAsync("/photos/a/%E5%9B%BE%20%281%29.jpg" + Resize);
        _options.ImageServiceUrl = "http://127.0.0.1:1/";
        var absent = await Client.GetAsync("/photos/a/%E5%9B%BE%20%281%29.jpg" + Resize);

        (silent.Status, silent.Code).Should().Be((503, "ServiceUnavailable"));
        (absent.Status, absent.Code).Should().Be((503, "ServiceUnavailable"));
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_broken_off()
    {
        var seen = new TaskCompletionSource();
        _service.Answer = async context =>
        {
            context.Response.ContentLength = 1000;
            await context.Response.WriteAsync("half of it");
            await context.Response.Body.FlushAsync();
            await seen.Task.WaitAsync(WireClient.Deadline);
            context.Abort();
        };
        using var connection = await Client.OpenAsync();
        await connection.SendAsync(Client.Head("GET", "/photos/a/%E5%9B%BE%20%281%29.jpg" + Resize, Signing.V4));

        (await connection.ReadHeadAsync()).Should().StartWith("HTTP/1.1 200").And.Contain("Content-Length: 1000");
        (await connection.ReadExactlyAsync(10)).Should().Equal("half of it"u8.ToArray());
        seen.SetResult();

        await FluentActions.Awaiting(connection.ReadToEndAsync).Should().ThrowAsync<IOException>();
    }

    // By hand, as the rules of OSS say (signature V1 in a URL).
    private static string Signed(string text, string secret = WireClient.Secret) => Uri.EscapeDataString(
        Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(text))));
}
