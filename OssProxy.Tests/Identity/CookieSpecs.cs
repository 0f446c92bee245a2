using Microsoft.AspNetCore.Http;
using OssProxy.Api.Access;
using OssProxy.Core.Identity;
using OssProxy.Tests.Api;
using OssProxy.Tests.Api.Library;

namespace OssProxy.Tests.Identity;

/// <summary>What a browser's cookie may do, and what it may not be made to do by other sites.</summary>
public sealed class CookieSpecs : AccountSpecs
{
    private static readonly string[] Uploads =
    [
        "/admin/image/upload", "/api/admin/image/uploadAliyun", "/shop/admin/image/uploadAliyun", "/api/chat/uploadAliyun",
        "/uploadStreamSingleToServerDiy/adminImg?_csrf=x", "/api/chat/uploadStreamSingleToServerDiy/chatImgs",
    ];

    private static readonly string[] Logouts = ["/admin/logout", "/api/admin/logout", "/shop/admin/logout", "/api/shop/admin/logout"];

    private (string, string) _cookie;

    private (string, string) Own => ("Origin", Server.Address.GetLeftPart(UriPartial.Authority));

    [Fact]
    public async Task Another_site_changes_nothing_at_any_route()
    {
        await SignInWithCookieAsync();
        var routes = ConsoleRoutes.All.Where(one => one.Method != "GET").Select(one => (one.Method, one.Path))
            .Concat(Logouts.Select(path => ("POST", path))).Append(("DELETE", "/api/console/session")).ToList();
        routes.Should().HaveCountGreaterThan(60);

        foreach (var (method, path) in routes)
        {
            using var json = Json(new { name = "x", ids = new[] { 1 } });
            ShouldBeRefused(await SendAsync(new HttpMethod(method), path, json, _cookie, ("Origin", "https://evil.example")));
            using var form = Encoded("name=x&ids=1");
            ShouldBeRefused(await SendAsync(new HttpMethod(method), path, form, _cookie, ("Origin", "null")));
        }

        (await GetAsync("/api/console/session", _cookie, ("Origin", "https://evil.example"))).ShouldBeOk();
    }

    [Fact]
    public async Task Another_sites_upload_is_refused_before_its_body_is_asked_for()
    {
        await SignInWithCookieAsync();
        foreach (var path in Uploads)
        {
            using var connection = await Server.ConnectAsync();
            await connection.SendAsync(Form.Head(
                path, 1_000_000, $"Cookie: {_cookie.Item2}\r\nOrigin: https://evil.example\r\nExpect: 100-continue\r\n"));
            var answer = await connection.ReadUntilAsync("}");
            answer.Should().StartWith("HTTP/1.1 403").And.Contain("OriginRefused").And.NotContain("100 Continue", path);

            (await PostAsync(path, new Form().File("img", "a.jpg", Samples.Photo), _cookie, Own)).ShouldBeOk();
        }
    }

    [Fact]
    public async Task A_form_needs_the_token_of_its_session_and_json_does_not()
    {
        await SignInWithCookieAsync();
        var token = (await GetAsync("/api/console/session", _cookie)).Data.GetProperty("csrfToken").GetString()!;
        using var json = Json(new { name = "甲" });
        (await SendAsync(HttpMethod.Post, "/admin/image_class", json, _cookie, Own)).ShouldBeOk();

        foreach (var type in new[] { "application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", null, "nonsense" })
        {
            ShouldBeRefused(await CreateAsync(type));
            ShouldBeRefused(await CreateAsync(type, ("x-csrf-token", token[1..] + "0")));
        }

        (await CreateAsync("application/x-www-form-urlencoded", ("x-csrf-token", token))).ShouldBeOk();
        ShouldBeRefused(await SendAsync(HttpMethod.Post, "/admin/image/1/delete", null, _cookie, Own));
        (await SendAsync(HttpMethod.Delete, "/admin/image/1", null, _cookie, Own)).ErrorCode.Should().NotBe("OriginRefused", "no form can send it");
        var again = await SignInAsync("li", Password);
        FormToken.Of(new Secret(again.Data.GetProperty("token").GetString())).Should().NotBe(token);

        async Task<Answer> CreateAsync(string? type, params (string, string)[] more)
        {
            using var body = Encoded("name=b" + (type ?? "").Length);
            body.Headers.Remove("Content-Type");
            if (type is not null)
                body.Headers.TryAddWithoutValidation("Content-Type", type);
            return await SendAsync(HttpMethod.Post, "/admin/image_class", body, [_cookie, Own, .. more]);
        }
    }

    [Theory]
    [InlineData("POST", "http", "h.example", "http://h.example", null, true)]
    [InlineData("POST", "http", "h.example:80", "http://h.example", null, true)]
    [InlineData("POST", "https", "H.example", "https://h.EXAMPLE:443", null, true)]
    [InlineData("POST", "https", "h.example", "http://h.example", null, false)]
    [InlineData("POST", "http", "h.example:7001", "http://h.example", null, false)]
    [InlineData("POST", "http", "h.example", "http://h.example.evil", null, false)]
    [InlineData("POST", "http", "h.example", "http://h.example@evil", null, false)]
    [InlineData("POST", "http", "h.example", "null", null, false)]
    [InlineData("POST", "http", "h.example", null, null, false)]
    [InlineData("POST", "http", "", "http://", null, false)]
    [InlineData("POST", "http", "inside:7001", "https://h.example", "same-origin", true)]
    [InlineData("POST", "https", "h.example", "https://h.example", "same-site", false)]
    [InlineData("DELETE", "https", "h.example", "https://h.example", "cross-site", false)]
    [InlineData("POST", "https", "h.example", null, "none", false)]
    [InlineData("OPTIONS", "https", "h.example", "https://evil.example", null, false)]
    [InlineData("GET", "https", "h.example", "https://evil.example", "cross-site", true)]
    [InlineData("HEAD", "https", "h.example", "https://evil.example", "cross-site", true)]
    public void An_origin_is_ours_as_browsers_tell_them_apart(string method, string scheme, string host, string? origin, string? near, bool passes)
    {
        var context = new DefaultHttpContext();
        (context.Request.Method, context.Request.Scheme, context.Request.Host) = (method, scheme, new HostString(host));
        if (origin is not null)
            context.Request.Headers.Origin = origin;
        if (near is not null)
            context.Request.Headers["Sec-Fetch-Site"] = near;

        var require = () => OwnOrigin.Require(context);

        if (passes)
            require.Should().NotThrow();
        else
            require.Should().Throw<IdentityException>().Which.Error.Should().Be(IdentityError.OriginRefused);
    }

    private async Task SignInWithCookieAsync()
    {
        await NewAccountAsync("li");
        _cookie = ("Cookie", "ossproxy_session=" + await TokenAsync("li"));
    }
}
