using System.Net;
using System.Net.Http.Json;
using OssProxy.Api.Hosting;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Identity;

/// <summary>Whose address a request is counted under, when it has come by way of proxies or says so.</summary>
public sealed class ForwardedAddressSpecs
{
    [Theory]
    // What the client itself has sent stands before what the nearest proxy has added.
    [InlineData("1.1.1.1, 203.0.113.1", "2.2.2.2, 203.0.113.1", true)]
    [InlineData("203.0.113.1", "203.0.113.2", false)]
    // Two proxies, both trusted; one trusted, one not.
    [InlineData("203.0.113.1, 10.0.0.7", "203.0.113.1, 10.1.2.3", true)]
    [InlineData("203.0.113.1, 10.0.0.7", "203.0.113.2, 10.0.0.7", false)]
    [InlineData("203.0.113.1, 192.0.2.7", "203.0.113.2, 192.0.2.7", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    [InlineData("::ffff:203.0.113.9", "203.0.113.9", true)]
    [InlineData("203.0.113.9:1234", "203.0.113.9:1235", true)]
    public async Task What_a_trusted_proxy_says_is_believed_and_nothing_before_it(string one, string other, bool same) =>
        (await AreOneAsync("10.0.0.0/8, 127.0.0.1", one, other)).Should().Be(same);

    [Theory]
    [InlineData("")]
    [InlineData("10.0.0.0/8,::1")]
    public async Task What_anybody_else_says_changes_nothing(string trusted) =>
        (await AreOneAsync(trusted, "203.0.113.1", "203.0.113.2")).Should().BeTrue();

    [Theory]
    [InlineData("127.0.0.0/8", true)]
    [InlineData("", false)]
    public async Task Whether_the_origin_is_our_own_is_judged_by_the_scheme_that_a_trusted_proxy_names(string trusted, bool own)
    {
        await using var server = await ApiServer.StartAsync(("Server:TrustedProxies", trusted));
        using var request = new HttpRequestMessage(HttpMethod.Post, RateVisitor.Door) { Content = JsonContent.Create(new { }) };
        var session = await new TokenMaker(server).MakeAsync(TokenCase.AccountSession);
        request.Headers.Add("Cookie", $"{(own ? "__Host-" : "")}ossproxy_session={session}");
        request.Headers.Add("Origin", $"https://127.0.0.1:{server.Address.Port}");
        request.Headers.Add("X-Forwarded-Proto", "https");

        using var response = await server.Client.SendAsync(request);

        (await Answer.ReadAsync(response)).ErrorCode.Should().Be(own ? "NotMultipart" : "OriginRefused");
    }

    [Fact]
    public async Task Over_https_the_cookie_is_one_that_no_neighbouring_host_can_plant()
    {
        await using var server = await ApiServer.StartAsync(("Server:TrustedProxies", "127.0.0.1"));
        await AccountSpecs.NewAccountAsync(server, "li");
        using var signIn = new HttpRequestMessage(HttpMethod.Post, "/console/session")
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["username"] = "li", ["password"] = AccountSpecs.Password }),
            Headers = { { "Sec-Fetch-Site", "same-origin" }, { "X-Forwarded-Proto", "https" } },
        };
        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = server.Address };
        using var entered = await browser.SendAsync(signIn);

        entered.Headers.GetValues("Set-Cookie").Single().Should().MatchRegex("^__Host-ossproxy_session=ops_[^;]{43}; path=/; secure; samesite=strict; httponly$");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/me") { Headers = { { "X-Forwarded-Proto", "https" } } };
        request.Headers.Add("Cookie", "ossproxy_session=" + await new TokenMaker(server).MakeAsync(TokenCase.AccountSession));
        using var planted = await server.Client.SendAsync(request);
        (await Answer.ReadAsync(planted)).ShouldFail(401, "TokenMissing");
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("10.0.0.5, 10.0.0.0/8 ,fd00::/8,::1", 0)]
    [InlineData("10.5,10.0.0.5.1", 2)]
    [InlineData("0.0.0.0/0,::/0", 2)]
    [InlineData("nginx;10.0.0.5", 1)]
    [InlineData("*", 1)]
    public void A_setting_that_names_no_network_is_a_fault(string setting, int faults)
    {
        var result = new ServerOptionsValidator().Validate(name: null, new ServerOptions { TrustedProxies = setting });

        (result.Failures ?? []).Count(fault => fault.StartsWith("Server:TrustedProxies 里的", StringComparison.Ordinal)).Should().Be(faults);
        result.Succeeded.Should().Be(faults == 0);
    }

    // Two requests at most one of which is let in when they come from one address.
    private static async Task<bool> AreOneAsync(string trusted, string one, string other)
    {
        await using var server = await ApiServer.StartAsync(("Server:TrustedProxies", trusted), ("Rates:AddressRequestsPerMinute", "1"));
        (await AskAsync(server, one)).Should().Be(HttpStatusCode.BadRequest, "it is let in, and has no body");
        return await AskAsync(server, other) == HttpStatusCode.TooManyRequests;
    }

    private static async Task<HttpStatusCode> AskAsync(ApiServer server, string forwarded)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, RateVisitor.Door) { Content = new ByteArrayContent([]) };
        request.Headers.Add("X-Forwarded-For", forwarded);
        using var response = await server.Client.SendAsync(request);
        return response.StatusCode;
    }
}
