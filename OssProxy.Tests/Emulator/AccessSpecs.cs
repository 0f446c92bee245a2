using System.Text;

namespace OssProxy.Tests.Emulator;

public sealed class AccessSpecs : EmulatorSpecs
{
    [Fact]
    public async Task Public_read_lets_anyone_open_an_object_and_nothing_else()
    {
        await Client.PutAsync("/photos/p", "hello");
        (await Client.SendAsync("GET", "/photos/p", null, Signing.None)).Text.Should().Be("hello");
        (await Client.SendAsync("HEAD", "/photos/p", null, Signing.None)).Status.Should().Be(200);
        foreach (var (method, target) in new[] { ("PUT", "/photos/p"), ("DELETE", "/photos/p"), ("GET", "/photos/"), ("GET", "/photos/?list-type=2"), ("GET", "/"), ("POST", "/photos/p?uploads"), ("PUT", "/photos") })
        {
            var reply = await Client.SendAsync(method, target, method == "GET" ? null : [], Signing.None);
            (reply.Status, reply.Code).Should().Be((403, "AccessDenied"), $"{method} {target}");
        }

        (await Client.GetAsync("/photos/p")).Text.Should().Be("hello");
    }

    [Fact]
    public async Task A_private_bucket_is_closed_unless_the_object_says_otherwise()
    {
        await Client.PutAsync("/secret/p", "hello");
        (await Client.SendAsync("GET", "/secret/p", null, Signing.None)).Code.Should().Be("AccessDenied");
        await Client.PutAsync("/secret/open", "hello", ("x-oss-object-acl", "public-read"));
        (await Client.SendAsync("GET", "/secret/open", null, Signing.None)).Text.Should().Be("hello");
    }

    [Fact]
    public async Task A_wrong_signature_is_refused_with_the_string_to_sign()
    {
        using var connection = await Client.OpenAsync();
        var head = Encoding.ASCII.GetString(Client.Head("GET", "/photos/p", Signing.V4)).Replace("/photos/p", "/photos/q", StringComparison.Ordinal);
        await connection.SendAsync(head);
        var reply = await connection.ReadReplyAsync("GET");
        (reply.Status, reply.Code, reply["x-oss-ec"]).Should().Be((403, "SignatureDoesNotMatch", "0002-00000040"));
        reply.Xml.Element("CanonicalRequest")!.Value.Should().StartWith("GET\n/photos/q\n\n");
        reply.Xml.Element("StringToSign")!.Value.Should().StartWith("OSS4-HMAC-SHA256\n");
    }

    [Fact]
    public async Task A_clock_that_is_wrong_is_told_the_right_time()
    {
        var late = new WireClient(Server.Address, new ShiftedClock(TimeSpan.FromMinutes(-16)));
        var reply = await late.GetAsync("/photos/p");
        (reply.Status, reply.Code).Should().Be((403, "RequestTimeTooSkewed"));
        DateTimeOffset.Parse(reply.Xml.Element("ServerTime")!.Value, System.Globalization.CultureInfo.InvariantCulture)
            .Should().BeCloseTo(TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(1));
    }

    [Theory]
    [InlineData("AWS4-HMAC-SHA256 Credential=x")]
    [InlineData("OSS nocolon")]
    [InlineData("OSS4-HMAC-SHA256 Signature=x")]
    public async Task An_unreadable_Authorization_header_is_a_bad_argument(string header)
    {
        var reply = await Client.SendAsync("GET", "/photos/p", null, Signing.None, ("Authorization", header));
        (reply.Status, reply.Code).Should().Be((400, "InvalidArgument"));
    }

    [Fact]
    public async Task A_browser_may_ask_and_is_told_what_it_may_see()
    {
        var preflight = await Client.SendAsync("OPTIONS", "/photos/p", null, Signing.None,
            ("Origin", "https://console.example.com"), ("Access-Control-Request-Method", "PUT"), ("Access-Control-Request-Headers", "x-oss-meta-a, content-type"));
        preflight.Status.Should().Be(200);
        (preflight["Access-Control-Allow-Origin"], preflight["Access-Control-Allow-Headers"]).Should().Be(("*", "x-oss-meta-a, content-type"));
        preflight["Access-Control-Allow-Methods"].Should().Contain("PUT");

        await Client.PutAsync("/photos/p", "x");
        var real = await Client.SendAsync("GET", "/photos/p", null, Signing.None, ("Origin", "https://console.example.com"));
        real["Access-Control-Expose-Headers"].Should().Contain("ETag").And.Contain("x-oss-request-id").And.Contain("x-oss-hash-crc64ecma");
        (await Client.SendAsync("OPTIONS", "/photos/p", null, Signing.None)).Code.Should().Be("BadRequest");
    }

    [Fact]
    public async Task An_origin_or_method_outside_the_rule_is_refused_in_preflight_only()
    {
        await Server.DisposeAsync();
        var options = Options();
        options.CorsOrigins.Clear();
        options.CorsOrigins.Add("https://good.example.com");
        await StartAsync(options);
        await Client.PutAsync("/photos/p", "x");
        var refused = await Client.SendAsync("OPTIONS", "/photos/p", null, Signing.None, ("Origin", "https://evil.example.com"), ("Access-Control-Request-Method", "PUT"));
        (refused.Status, refused.Code).Should().Be((403, "AccessForbidden"));
        (await Client.SendAsync("OPTIONS", "/photos/p", null, Signing.None, ("Origin", "https://good.example.com"), ("Access-Control-Request-Method", "PATCH"))).Code.Should().Be("AccessForbidden");
        var real = await Client.SendAsync("GET", "/photos/p", null, Signing.None, ("Origin", "https://evil.example.com"));
        (real.Status, real["Access-Control-Allow-Origin"]).Should().Be((200, null));
    }
}

/// <summary>The system's clock, off by a fixed amount.</summary>
internal sealed class ShiftedClock(TimeSpan shift) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + shift;
}
