using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using OssProxy.Tests.Api;
using OssProxy.Tests.Processes;

namespace OssProxy.Tests.Identity;

/// <summary>A whole run with every sort of secret, talkative, and then a look for each of them in everything that came out.</summary>
public sealed class SecretSpecs : ProcessSpecs
{
    private const string Password = "correct horse battery staple";
    private readonly List<string> _secrets = [];
    private readonly StringBuilder _answers = new();

    [Fact]
    public async Task No_secret_of_a_run_is_in_a_log_an_answer_or_a_file()
    {
        await using var wechat = new WechatImitation();
        await using var alipay = new AlipayImitation();
        await using var douyin = new DouyinImitation();
        await Task.WhenAll(wechat.StartAsync(), alipay.StartAsync(), douyin.StartAsync());
        var settings = Settings(
        [
            .. TokenMaker.Settings,
            .. MiniappHouse.App(0, "wechat", "wx1", wechat, ("Secret", WechatImitation.Apps["wx1"])),
            .. MiniappHouse.App(1, "alipay", AlipayImitation.App, alipay,
                ("PrivateKey", AlipayImitation.AppPrivateKey), ("PublicKey", AlipayImitation.PublicKey)),
            .. MiniappHouse.App(2, "douyin", DouyinImitation.App, douyin, ("Secret", DouyinImitation.Secret)),
            ("Rates:SignInsPerMinute", "0"),
            ("Serilog__MinimumLevel__Default", "Verbose"),
            ("Serilog__MinimumLevel__Override__Microsoft", "Verbose"),
        ]);
        _secrets.AddRange(
        [
            ApiServer.AdminKey, "test-secret", TokenMaker.JwtSecret, Password, WechatImitation.Apps["wx1"], WechatImitation.SessionKey,
            AlipayImitation.AppPrivateKey, AlipayImitation.AccessToken, AlipayImitation.RefreshToken, DouyinImitation.Secret, DouyinImitation.SessionKey,
        ]);

        await using var server = await ServerProcess.StartAsync(settings, Folder);
        using var client = new HttpClient { BaseAddress = server.Address, Timeout = TimeSpan.FromSeconds(20) };
        await using (var added = await ServerProcess.RunAsync(["accounts", "add", "li"], settings, Folder, Password + "\n"))
            _answers.Append(added.Output);
        string key;
        await using (var made = await ServerProcess.RunAsync(["keys", "create", "camera", "--rights", "admin"], settings, Folder))
            _secrets.Add(key = made.StandardOutput.Single());

        var admin = await BeginAsync(client, "/api/console/session", new { username = "li", password = Password });
        var guest = await BeginAsync(client, "/api/guest/session", new { deviceId = "phone" });
        var codes = new[] { wechat.NewCode("wx1", "ming"), alipay.NewCode(AlipayImitation.App, "hong"), douyin.NewCode(DouyinImitation.App, "lan") };
        _secrets.AddRange(codes);
        var user = await BeginAsync(client, "/api/miniapp/session", new { provider = "wechat", code = codes[0] });
        var other = await BeginAsync(client, "/api/miniapp/session", new { provider = "alipay", authCode = codes[1] });
        await BeginAsync(client, "/api/miniapp/session", new { provider = "douyin", code = codes[2] });
        var jwt = TestJwt.Hs256(new { id = 7, username = "wang" }, TokenMaker.JwtSecret);
        _secrets.Add(jwt);

        // The same again, where it fails: errors tell more than successes.
        await SendAsync(client, HttpMethod.Post, "/api/miniapp/session", null, new { provider = "wechat", code = codes[0] });
        await SendAsync(client, HttpMethod.Post, "/api/miniapp/session", null, new { provider = "alipay", code = codes[1] });
        await SendAsync(client, HttpMethod.Post, "/api/miniapp/session", null, new { provider = "douyin", code = codes[2] });
        await WithABrowserAsync(server.Address);

        // Typed into the wrong field, as happens.
        await SendAsync(client, HttpMethod.Post, "/admin/login", null, new { username = Password, password = "wrong-" + Password });
        foreach (var token in new[] { ApiServer.AdminKey, key, admin, guest, user, other, jwt, key + "x", user + "x", jwt + "x" })
        {
            await SendAsync(client, HttpMethod.Get, "/api/me", token);
            await SendAsync(client, HttpMethod.Get, "/api/me?token=" + Uri.EscapeDataString(token), null);
            await SendAsync(client, HttpMethod.Get, "/admin/audit/1", token);
            await SendAsync(client, HttpMethod.Get, "/api/me", "Bearer " + token, name: "Authorization");
            using var content = new Form().Field("token", token).File("img", "a.jpg", Samples.PhotoOf(10_000)).ToContent();
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/chat/uploadAliyun") { Content = content, Headers = { { "token", token } } };
            using var answer = await client.SendAsync(request);
            _answers.AppendLine(await answer.Content.ReadAsStringAsync());
        }

        await SendAsync(client, HttpMethod.Post, "/api/me/logout", user);
        server.Terminate();
        await server.ExitAsync();

        server.Output.Should().Contain("Audit: ").And.Contain("\"Verbose\"").And.Contain("Request starting", "otherwise little was said");
        _answers.ToString().Should().Contain("session.begin").And.Contain("signin.fail");
        foreach (var secret in _secrets)
            FilesWith(secret).Should().BeEmpty();
        foreach (var secret in _secrets.SelectMany(one => new[] { one, Uri.EscapeDataString(one), JsonEncodedText.Encode(one).ToString() }).Distinct())
        {
            server.Output.Contains(secret, StringComparison.Ordinal).Should().BeFalse("the log tells " + secret);
            _answers.ToString().Contains(secret, StringComparison.Ordinal).Should().BeFalse("an answer tells " + secret);
        }
    }

    // Its answer is the one place where the token may be.
    private async Task<string> BeginAsync(HttpClient client, string path, object body)
    {
        using var answer = await client.PostAsJsonAsync(new Uri(path, UriKind.Relative), body);
        var text = await answer.Content.ReadAsStringAsync();
        answer.IsSuccessStatusCode.Should().BeTrue(text);
        using var document = JsonDocument.Parse(text);
        var token = document.RootElement.GetProperty("data").GetProperty("token").GetString()!;
        _secrets.Add(token);
        _answers.AppendLine(text.Replace(token, "", StringComparison.Ordinal));
        return token;
    }

    // In with the form, out with the form; what the page has for its own forms is for it alone.
    private async Task WithABrowserAsync(Uri address)
    {
        var cookies = new CookieContainer();
        using var browser = new HttpClient(new SocketsHttpHandler { CookieContainer = cookies }) { BaseAddress = address };
        browser.DefaultRequestHeaders.Add("Origin", address.GetLeftPart(UriPartial.Authority));
        using var signIn = new FormUrlEncodedContent([new("username", "li"), new("password", Password)]);
        using var entered = await browser.PostAsync("/console/session", signIn);
        var page = await entered.Content.ReadAsStringAsync();
        var formToken = Regex.Match(page, "name=\"_csrf\" value=\"(?<token>[^\"]+)\"", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)).Groups["token"].Value;
        formToken.Should().HaveLength(64, page);
        _secrets.AddRange([cookies.GetCookies(address).Single().Value, formToken]);
        _answers.AppendLine(page.Replace(formToken, "", StringComparison.Ordinal));
        foreach (var token in new[] { formToken + "x", formToken })
        {
            using var signOut = new FormUrlEncodedContent([new("_csrf", token)]);
            using var left = await browser.PostAsync("/console/logout", signOut);
            _answers.AppendLine(await left.Content.ReadAsStringAsync());
        }
    }

    private async Task SendAsync(HttpClient client, HttpMethod method, string path, string? token, object? body = null, string name = "token")
    {
        using var request = new HttpRequestMessage(method, path);
        if (token is not null)
            request.Headers.TryAddWithoutValidation(name, token);
        if (body is not null)
            request.Content = JsonContent.Create(body);
        using var answer = await client.SendAsync(request);
        _answers.AppendLine(await answer.Content.ReadAsStringAsync());
    }

    // The emulator's own folder holds its credentials, as the real one would.
    private IEnumerable<string> FilesWith(string secret)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        return Directory.EnumerateFiles(Path.Combine(Folder, "data"), "*", SearchOption.AllDirectories)
            .Where(path => File.ReadAllBytes(path).AsSpan().IndexOf(bytes) >= 0);
    }
}
