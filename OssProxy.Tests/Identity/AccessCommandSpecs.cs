using System.Net;
using OssProxy.Tests.Api;
using OssProxy.Tests.Processes;

namespace OssProxy.Tests.Identity;

/// <summary><c>accounts</c> and <c>keys</c>, as operators run them: programs beside the server.</summary>
public sealed class AccessCommandSpecs : ProcessSpecs
{
    private const string Password = "correct horse battery";

    [Fact]
    public async Task Accounts_and_keys_are_made_and_taken_away_beside_a_server_that_runs()
    {
        await using var server = await ServerProcess.StartAsync(Settings(("Auth:AdminKey", "")), Folder);
        using var client = new HttpClient { BaseAddress = server.Address };

        await using var added = await RunAsync(["accounts", "add", "Li"], input: Password + "\n");
        added.ExitCode.Should().Be(0, added.Output);
        added.StandardOutput.Should().BeEmpty();
        await using var twice = await RunAsync(["accounts", "add", "li", "--generate"]);
        twice.ExitCode.Should().Be(2, twice.Output);
        twice.StandardOutput.Should().BeEmpty("nothing was generated for nobody");
        var session = await SignInAsync(client, Password);
        (await AskAsync(client, session)).Should().Be(HttpStatusCode.OK);

        await using var changed = await RunAsync(["accounts", "passwd", "li", "--generate"]);
        changed.ExitCode.Should().Be(0, changed.Output);
        var generated = changed.StandardOutput.Should().ContainSingle().Which;
        await RefusedSoonAsync(client, session);
        session = await SignInAsync(client, generated);

        await using var disabled = await RunAsync(["accounts", "disable", "LI"]);
        await RefusedSoonAsync(client, session);
        await using var accounts = await RunAsync(["accounts", "list"]);
        accounts.StandardOutput.Should().ContainSingle().Which.Should().MatchRegex("^1\tLi\tdisabled\t[0-9T:Z-]+$");

        await using var made = await RunAsync(["keys", "create", "备份", "--rights", "admin:read"]);
        made.ExitCode.Should().Be(0, made.Output);
        var key = made.StandardOutput.Should().ContainSingle().Which;
        key.Should().MatchRegex("^opk_[A-Za-z0-9_-]{43}$");
        (await AskAsync(client, key)).Should().Be(HttpStatusCode.OK);
        await using var revoked = await RunAsync(["keys", "revoke", "1"]);
        revoked.ExitCode.Should().Be(0, revoked.Output);
        await RefusedSoonAsync(client, key);
        await using var keys = await RunAsync(["keys", "list"]);
        keys.StandardOutput.Should().ContainSingle().Which.Should().MatchRegex("^1\t备份\tadmin:read\t-\t[0-9T:Z-]+\t[0-9T:Z-]+\trevoked$");

        server.Output.Should().NotContain(Password).And.NotContain(generated).And.NotContain(key).And.NotContain(session);
    }

    [Theory]
    [InlineData(1, "密码不要写在命令行上", "accounts", "add", "li", "hunter2hunter2")]
    [InlineData(1, "密码不要写在命令行上", "accounts", "add", "li", "--password=hunter2hunter2")]
    [InlineData(1, "不认识的命令", "--Data:Folder=hunter2hunter2", "accounts", "list")]
    [InlineData(1, "不存在：请先启动一次服务", "accounts", "list")]
    [InlineData(1, "Records:Provider 是 none", "keys", "list", "--Records:Provider=none")]
    [InlineData(1, "是否应为 Records:Provider", "keys", "list", "--Records:Providr=hunter2hunter2")]
    [InlineData(1, "只能与 --rights upload 一起用", "keys", "create", "k", "--rights", "upload,admin", "--classes", "1")]
    public async Task What_cannot_be_done_is_said_and_nothing_that_was_typed_is_repeated(int code, string said, params string[] words)
    {
        await using var run = await RunAsync(words);

        run.ExitCode.Should().Be(code, run.Output);
        run.Output.Should().Contain(said).And.NotContain("hunter2").And.NotContain("   at ");
        run.StandardOutput.Should().BeEmpty();
    }

    private Task<ServerProcess> RunAsync(string[] words, string input = "") => ServerProcess.RunAsync(words, Settings(), Folder, input);

    private static async Task<string> SignInAsync(HttpClient client, string password)
    {
        using var body = AccountSpecs.Json(new { username = "li", password });
        using var response = await client.PostAsync("/admin/login", body);
        var answer = await Answer.ReadAsync(response);
        answer.ShouldBeOk();
        return answer.Data.GetProperty("token").GetString()!;
    }

    private static async Task<HttpStatusCode> AskAsync(HttpClient client, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/admin/image_class/1");
        request.Headers.Add("token", token);
        using var response = await client.SendAsync(request);
        return response.StatusCode;
    }

    private static async Task RefusedSoonAsync(HttpClient client, string token)
    {
        var began = TimeProvider.System.GetTimestamp();
        await Eventually.TrueAsync(async () => await AskAsync(client, token) == HttpStatusCode.Unauthorized, "the token is refused");
        TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(TimeSpan.FromSeconds(2));
    }
}
