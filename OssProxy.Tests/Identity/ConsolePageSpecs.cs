using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using OssProxy.Core.Identity;
using OssProxy.Core.Records;

namespace OssProxy.Tests.Identity;

/// <summary>The pages, as a browser uses them: with its cookies, its <c>Origin</c>, and the forms as they stand in the page.</summary>
public sealed class ConsolePageSpecs : AccountSpecs
{
    private const string Policy = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    private readonly CookieContainer _cookies = new();
    private HttpClient? _browser;

    protected override (string Key, string Value)[] Settings => [("Rates:SignInsPerMinute", "0")];

    private HttpClient Browser => _browser ??= new HttpClient(new SocketsHttpHandler { CookieContainer = _cookies, AllowAutoRedirect = false })
    {
        BaseAddress = Server.Address,
    };

    private string Own => Server.Address.GetLeftPart(UriPartial.Authority);

    private string? Cookie => _cookies.GetCookies(Server.Address)["ossproxy_session"]?.Value;

    [Fact]
    public async Task Somebody_signs_in_sees_where_ends_another_session_and_signs_out()
    {
        await NewAccountAsync("li");
        var other = await TokenAsync("li");
        var (status, form) = await ReadAsync("/console");
        status.Should().Be(HttpStatusCode.OK);
        form.Should().Contain("action=\"/console/session\"").And.NotContain("role=\"alert\"", "nothing is wrong yet");

        using var entered = await SubmitAsync("/console/session", $"username=li&password={Uri.EscapeDataString(Password)}&device=办公室", Own);
        entered.StatusCode.Should().Be(HttpStatusCode.SeeOther);
        entered.Headers.Location!.ToString().Should().Be("/console");
        entered.Headers.CacheControl!.NoStore.Should().BeTrue();
        entered.Headers.GetValues("Set-Cookie").Single().Should().MatchRegex("^ossproxy_session=ops_[^;]{43}; path=/; samesite=strict; httponly$");
        (await GetAsync("/admin/image_class/1", ("Cookie", "ossproxy_session=" + Cookie))).ShouldBeOk();

        var (_, page) = await ReadAsync("/console");
        page.Should().Contain("<h1>li</h1>").And.Contain("办公室（本次）").And.Contain("<td>test</td>").And.NotContain(Cookie!);
        var (action, token) = Forms(page).Last();
        using (var ended = await SubmitAsync(action, "_csrf=" + token, Own))
            ended.StatusCode.Should().Be(HttpStatusCode.SeeOther);
        (await GetAsync("/admin/image_class/1", ("token", other))).ShouldFail(401, "TokenInvalid");
        using (var again = await SubmitAsync(action, "_csrf=" + token, Own))
            again.StatusCode.Should().Be(HttpStatusCode.NotFound);

        var mine = Cookie;
        using var left = await SubmitAsync("/console/logout", "_csrf=" + token, Own);
        left.StatusCode.Should().Be(HttpStatusCode.SeeOther);
        Cookie.Should().BeNull();
        (await GetAsync("/admin/image_class/1", ("token", mine!))).ShouldFail(401, "TokenInvalid");
        (await AuditAsync()).Should().HaveCount(4).And.OnlyContain(line => line.StartsWith("session.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_wrong_password_is_told_on_the_page()
    {
        await NewAccountAsync("li");

        using var response = await SubmitAsync("/console/session", "username=li&password=not+the+password", Own);

        response.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        (await response.Content.ReadAsStringAsync()).Should().Contain("role=\"alert\">用户名或密码错误").And.Contain("action=\"/console/session\"");
        response.Headers.Contains("Set-Cookie").Should().BeFalse();
    }

    [Fact]
    public async Task Signing_in_ends_the_session_that_the_browser_had_whoever_planted_it()
    {
        await NewAccountAsync("li");
        var planted = await TokenAsync("li");
        _cookies.Add(Server.Address, new Cookie("ossproxy_session", planted, "/"));

        using var entered = await SubmitAsync("/console/session", $"username=li&password={Uri.EscapeDataString(Password)}", Own);

        Cookie.Should().NotBe(planted);
        (await AuditAsync()).Select(line => line.Split(' ')[0]).Should().Equal("session.begin", "session.begin", "session.end");
        (await GetAsync("/admin/image_class/1", ("token", planted))).ShouldFail(401, "TokenInvalid");
        (await GetAsync("/admin/image_class/1", ("token", Cookie!))).ShouldBeOk();
    }

    [Fact]
    public async Task An_old_session_that_cannot_be_ended_keeps_nobody_outside()
    {
        await NewAccountAsync("li");
        _cookies.Add(Server.Address, new Cookie("ossproxy_session", await TokenAsync("li"), "/"));
        await Server.Services.GetRequiredService<RecordsDatabase>().WriteAsync(
            WriteScope.Statement,
            session => session.ExecuteAsync("CREATE TRIGGER refusal BEFORE DELETE ON session BEGIN SELECT raise(FAIL, 'refused'); END"),
            CancellationToken.None);

        using var entered = await SubmitAsync("/console/session", $"username=li&password={Uri.EscapeDataString(Password)}", Own);

        entered.StatusCode.Should().Be(HttpStatusCode.SeeOther);
        (await GetAsync("/admin/image_class/1", ("token", Cookie!))).ShouldBeOk();
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("null")]
    [InlineData(null)]
    public async Task No_other_site_signs_anybody_in_or_out(string? origin)
    {
        await NewAccountAsync("li");
        var token = await TokenAsync("li");
        var signIn = $"username=li&password={Uri.EscapeDataString(Password)}";
        using (var entered = await SubmitAsync("/console/session", signIn, origin))
        {
            entered.StatusCode.Should().Be(HttpStatusCode.Forbidden);
            entered.Headers.Contains("Set-Cookie").Should().BeFalse();
        }

        _cookies.Add(Server.Address, new Cookie("ossproxy_session", token, "/"));
        var (_, page) = await ReadAsync("/console");
        foreach (var (action, formToken) in Forms(page))
        {
            using var foreign = await SubmitAsync(action, "_csrf=" + formToken, origin);
            foreign.StatusCode.Should().Be(HttpStatusCode.Forbidden);
            using var without = await SubmitAsync(action, "", Own);
            without.StatusCode.Should().Be(HttpStatusCode.Forbidden);
            using var wrong = await SubmitAsync(action, "_csrf=" + new string('0', 64), Own);
            wrong.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        }

        (await GetAsync("/admin/image_class/1", ("token", token))).ShouldBeOk();
    }

    [Fact]
    public async Task What_was_typed_is_text_on_the_page_and_nothing_on_it_runs()
    {
        const string evil = "<script>alert(1)</script>'\"&";
        var id = await NewAccountAsync("<b>li</b>");
        var session = await Server.Services.GetRequiredService<Sessions>().BeginAsync(SessionKind.Admin, id, evil, CancellationToken.None);
        _cookies.Add(Server.Address, new Cookie("ossproxy_session", session.Token.Reveal(), "/"));

        using var response = await Browser.GetAsync("/console");
        var page = await response.Content.ReadAsStringAsync();

        page.Should().Contain("&lt;script&gt;alert(1)&lt;/script&gt;&#x27;&quot;&amp;").And.Contain("<h1>&lt;b&gt;li&lt;/b&gt;</h1>");
        foreach (var text in new[] { page, (await ReadAsync("/console/none")).Page })
            Regex.Matches(text, "<script|style=|\\son[a-z]+=|javascript:|https?://", RegexOptions.None, TimeSpan.FromSeconds(1)).Should().BeEmpty();
        response.Headers.GetValues("Content-Security-Policy").Single().Should().Be(Policy);
        response.Headers.GetValues("X-Frame-Options").Single().Should().Be("DENY");
        response.Headers.GetValues("Referrer-Policy").Single().Should().Be("same-origin", "with no-referrer our own forms would come from null");
        response.Headers.CacheControl!.NoStore.Should().BeTrue();
        var sheet = Regex.Match(page, "href=\"(?<path>/console/style[^\"]*)\"", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)).Groups["path"].Value;
        using var style = await Browser.GetAsync(sheet);
        style.Content.Headers.ContentType!.MediaType.Should().Be("text/css");
        (await style.Content.ReadAsStringAsync()).Should().NotContain("url(").And.NotContain("@import");
    }

    [Fact]
    public async Task A_session_that_is_over_leads_to_the_form_and_leaves_the_browser()
    {
        _cookies.Add(Server.Address, new Cookie("ossproxy_session", "ops_" + new string('a', 43), "/"));

        var (status, page) = await ReadAsync("/console");

        status.Should().Be(HttpStatusCode.OK);
        page.Should().Contain("登录已失效");
        Cookie.Should().BeNull();
    }

    [Fact]
    public async Task A_link_with_a_token_in_it_shows_nobodys_account_and_signs_nobody_out()
    {
        await NewAccountAsync("li");
        await NewAccountAsync("mallory");
        var (mine, theirs) = (await TokenAsync("li"), await TokenAsync("mallory"));
        var (_, stranger) = await ReadAsync("/console?token=" + theirs);
        stranger.Should().Contain("action=\"/console/session\"").And.NotContain("mallory");

        _cookies.Add(Server.Address, new Cookie("ossproxy_session", mine, "/"));
        foreach (var token in new[] { theirs, "x" })
        {
            using var response = await Browser.GetAsync("/console?token=" + token);
            (await response.Content.ReadAsStringAsync()).Should().Contain("<h1>li</h1>").And.NotContain("mallory");
            response.Headers.Contains("Set-Cookie").Should().BeFalse();
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, "/console/logout") { Content = Encoded("") };
        request.Headers.Add("Origin", Own);
        request.Headers.Add("token", "bad");
        using var refused = await Browser.SendAsync(request);
        refused.StatusCode.Should().Be(HttpStatusCode.Forbidden, "the form token is missing");
        Cookie.Should().Be(mine);
    }

    private static IEnumerable<(string Action, string Token)> Forms(string page) =>
        Regex.Matches(
            page, "action=\"(?<action>[^\"]+)\"><input type=\"hidden\" name=\"_csrf\" value=\"(?<token>[0-9a-f]{64})\">",
            RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1))
        .Select(form => (form.Groups["action"].Value, form.Groups["token"].Value));

    private async Task<(HttpStatusCode Status, string Page)> ReadAsync(string path)
    {
        using var response = await Browser.GetAsync(new Uri(path, UriKind.Relative));
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private async Task<HttpResponseMessage> SubmitAsync(string action, string fields, string? origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(action, UriKind.Relative)) { Content = Encoded(fields) };
        if (origin is not null)
            request.Headers.TryAddWithoutValidation("Origin", origin);
        return await Browser.SendAsync(request);
    }
}
