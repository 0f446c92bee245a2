using System.Net;
using OssProxy.Api.Hosting;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Identity;

/// <summary>What browsers are told of answers: who may read them, and what may not be made of them.</summary>
public sealed class BrowserHeaderSpecs
{
    private const string Listed = "https://h5.example.com";
    private const string ListedToo = "http://localhost:8080";

    [Theory]
    [InlineData("*", Listed, "*", null)]
    [InlineData(Listed + ", " + ListedToo, Listed, Listed, "true")]
    [InlineData(Listed + ", " + ListedToo, ListedToo, ListedToo, "true")]
    [InlineData(Listed + ", " + ListedToo, "https://evil.example", null, null)]
    [InlineData(Listed + ", " + ListedToo, "http://h5.example.com", null, null)]
    [InlineData("", Listed, null, null)]
    public async Task An_origin_may_read_what_the_setting_says_and_is_told_so_before_anybody_asks_who_it_is(
        string setting, string origin, string? allowed, string? credentials)
    {
        await using var server = await ApiServer.StartAsync(("Server:CorsOrigins", setting));

        using var preflight = new HttpRequestMessage(HttpMethod.Options, "/admin/image_class/1");
        preflight.Headers.Add("Origin", origin);
        preflight.Headers.Add("Access-Control-Request-Method", "POST");
        preflight.Headers.Add("Access-Control-Request-Headers", "content-type,token,x-csrf-token,x-device-id,x-requested-with,x-security-sign");
        using var may = await server.Client.SendAsync(preflight);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/admin/image_class/1");
        request.Headers.Add("Origin", origin);
        using var refused = await server.Client.SendAsync(request);

        may.StatusCode.Should().Be(HttpStatusCode.NoContent);
        refused.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        foreach (var response in new[] { may, refused })
        {
            Header(response, "Access-Control-Allow-Origin").Should().Be(allowed);
            Header(response, "Access-Control-Allow-Credentials").Should().Be(credentials);
        }

        Header(may, "Access-Control-Allow-Headers").Should().Be(
            allowed is null ? null : "content-type,token,x-csrf-token,x-device-id,x-requested-with,x-security-sign");
    }

    [Theory]
    [InlineData("*, https://a.example")]
    [InlineData("https://a.example/")]
    [InlineData("https://a.example/path")]
    [InlineData("a.example")]
    [InlineData("HTTPS://A.example")]
    [InlineData("ftp://a.example")]
    [InlineData("null")]
    public void What_no_browser_would_send_is_no_origin(string setting) =>
        new ServerOptionsValidator().Validate(null, new ServerOptions { CorsOrigins = setting }).Failed.Should().BeTrue();

    [Fact]
    public async Task Every_answer_says_that_it_is_no_page_and_a_stored_file_keeps_its_own_policy()
    {
        await using var server = await ApiServer.StartAsync(("Storage:Provider", "local"));
        using var form = new Form().File("file", "a.jpg", Samples.Photo).ToContent();
        using var stored = await server.Client.PostAsync("/uploadStreamSingleToServer", form);
        var url = (await Answer.ReadAsync(stored)).Data.GetProperty("url").GetString()!;

        foreach (var path in new[] { "/healthz", "/no/such/route", "/admin/image_class/1", "/public/uploads/none" })
        {
            using var answer = await server.Client.GetAsync(new Uri(path, UriKind.Relative));
            Header(answer, "X-Content-Type-Options").Should().Be("nosniff");
            Header(answer, "Referrer-Policy").Should().Be("no-referrer");
            Header(answer, "Content-Security-Policy").Should().Be("default-src 'none'; frame-ancestors 'none'");
            Header(answer, "X-Frame-Options").Should().Be("DENY");
            Header(answer, "Strict-Transport-Security").Should().BeNull();
        }

        using var file = await server.Client.GetAsync(new Uri(url, UriKind.Relative));
        Header(file, "X-Content-Type-Options").Should().Be("nosniff");
        Header(file, "Content-Security-Policy").Should().Be("default-src 'none'; sandbox");
        Header(file, "X-Frame-Options").Should().BeNull("what shows a stored picture or PDF may be a page of the client's");
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.Single() : null;
}
