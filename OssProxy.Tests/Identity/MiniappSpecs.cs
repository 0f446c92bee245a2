using System.Net.Http.Headers;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Identity;

/// <summary>Users of mini-programs sign in, from the code to the session.</summary>
[Collection(MiniappCollection.Name)]
public sealed class MiniappSpecs(MiniappHouse house)
{
    [Theory]
    [InlineData("wechat", "wx1")]
    [InlineData("alipay", AlipayImitation.App)]
    [InlineData("douyin", DouyinImitation.App)]
    public async Task A_user_signs_in_again_and_is_the_same_user_with_another_session(string provider, string app)
    {
        string[] codes = [house[provider].NewCode(app, "first-" + provider), house[provider].NewCode(app, "first-" + provider)];

        var first = await house.SignInAsync(provider, codes[0], app);
        var again = await house.SignInAsync(provider, codes[1], app);

        first.ShouldBeOk();
        var token = first.Data.GetProperty("token").GetString()!;
        token.Should().MatchRegex("^ops_[A-Za-z0-9_-]{43}$");
        first.Data.GetProperty("sessionId").GetString().Should().Be(token, "the first server's clients keep nothing else");
        first.Data.GetProperty("expiresIn").GetInt64().Should().Be(30 * 24 * 3600);
        first.Data.EnumerateObject().Select(member => member.Name).Should().Equal("sessionId", "token", "expiresIn", "user");
        first.Data.GetProperty("user").EnumerateObject().Select(member => member.Name).Should().Equal("id", "name");
        UserOf(again).Should().Be(UserOf(first)).And.BePositive();
        again.Data.GetProperty("token").GetString().Should().NotBe(token);
        (await house.GetAsync("/admin/user/1", token)).ShouldFail(403, "AdminRequired");
        var deed = await house.LastDeedAsync();
        (deed.Actor, deed.Action, deed.Detail).Should().Be(($"user:{UserOf(again)}", "session.begin", $"{provider}/{app}"));
        deed.Subject.Should().MatchRegex("^session:[0-9]+$");
        house.ShouldHaveToldNobody([.. codes, token, again.Data.GetProperty("token").GetString()!]);
    }

    [Fact]
    public async Task What_a_signed_in_user_sends_is_that_users()
    {
        var answer = await house.SignInAsync("wechat", house.Wechat.NewCode("wx1", "owner"), "wx1");
        using var photo = new Form().File("img", "a.jpg", Samples.PhotoOf(5_000)).ToContent();

        (await MiniappHouse.PostAsync(house.Server, "/api/chat/uploadAliyun", photo, answer.Data.GetProperty("token").GetString())).ShouldBeOk();

        var rows = await house.GetAsync($"/admin/image/search/1?owner=user:{UserOf(answer)}", ApiServer.AdminKey);
        rows.Data.GetProperty("totalCount").GetInt64().Should().Be(1);
    }

    [Fact]
    public async Task A_union_id_makes_one_user_of_two_apps_and_its_absence_two()
    {
        var one = await house.SignInAsync("wechat", house.Wechat.NewCode("wx1", "linked", "union-1"), "wx1");
        var other = await house.SignInAsync("wechat", house.Wechat.NewCode("wx2", "linked", "union-1"), "wx2");
        var alone = await house.SignInAsync("wechat", house.Wechat.NewCode("wx1", "alone"), "wx1");
        var elsewhere = await house.SignInAsync("wechat", house.Wechat.NewCode("wx2", "alone"), "wx2");
        var foreign = await house.SignInAsync("douyin", house.Douyin.NewCode(DouyinImitation.App, "linked", "union-1"));

        UserOf(other).Should().Be(UserOf(one));
        new[] { UserOf(one), UserOf(alone), UserOf(elsewhere), UserOf(foreign) }.Should().OnlyHaveUniqueItems("union ids are each provider's own");
    }

    [Fact]
    public async Task A_user_of_Alipay_stays_who_they_are_while_the_app_changes_over_to_open_ids()
    {
        var users = new List<long>();
        foreach (var tells in new[] { (false, true), (true, true), (true, false) })
        {
            house.Alipay.Tells = tells;
            users.Add(UserOf(await house.SignInAsync("alipay", house.Alipay.NewCode(AlipayImitation.App, "changing"))));
        }

        users.Should().AllBeEquivalentTo(users[0]);
    }

    [Theory]
    [InlineData("wechat", "wx1", "CodeUsed")]
    [InlineData("alipay", AlipayImitation.App, "CodeInvalid")]
    [InlineData("douyin", DouyinImitation.App, "CodeInvalid")]
    public async Task A_code_is_good_once(string provider, string app, string error)
    {
        var code = house[provider].NewCode(app, "replayed-" + provider);
        (await house.SignInAsync(provider, code, app)).ShouldBeOk();

        (await house.SignInAsync(provider, code, app)).ShouldFail(400, error);

        var deed = await house.LastDeedAsync();
        (deed.Actor, deed.Action, deed.Subject, deed.Detail).Should().Be(("", "signin.fail", $"{provider}/{app}", error));
        house.ShouldHaveToldNobody(code);
    }

    [Fact]
    public async Task A_code_of_another_app_is_worth_nothing_and_remains_good_in_its_own()
    {
        var code = house.Wechat.NewCode("wx1", "swapped");

        (await house.SignInAsync("wechat", code, "wx2")).ShouldFail(400, "CodeInvalid");
        (await house.SignInAsync("wechat", code, "wx1")).ShouldBeOk();
    }

    [Fact]
    public async Task An_app_that_is_not_configured_or_not_told_apart_is_unknown()
    {
        var asked = house.Wechat.Requests;

        (await house.SignInAsync("wechat", "code", "wx9")).ShouldFail(400, "AppUnknown");
        (await house.SignInAsync("wechat", "code")).ShouldFail(400, "AppUnknown");
        (await house.SignInAsync("baidu", "code")).ShouldFail(400, "AppUnknown");
        (await house.SignInAsync("douyin", "code", "wx1")).ShouldFail(400, "AppUnknown");

        house.Wechat.Requests.Should().Be(asked);
        (await house.LastDeedAsync()).Detail.Should().Be("AppUnknown");
    }

    [Theory]
    [InlineData("/createSession")]
    [InlineData("/api/createSession")]
    [InlineData("/api/miniapp/createSession")]
    public async Task Clients_of_the_first_server_send_what_their_platform_gave_them(string path)
    {
        var code = house.Alipay.NewCode(AlipayImitation.App, "of-the-first-server");
        var answer = await house.PostAsync(path, new { authCode = code, authSuccessScopes = new[] { "auth_base" }, authErrorScopes = new { } });
        using var form = MiniappHouse.Form("code=abc");

        answer.ShouldBeOk();
        answer.Data.GetProperty("sessionId").GetString().Should().StartWith("ops_");
        (await MiniappHouse.PostAsync(house.Server, path, form)).ShouldFail(422, "FieldInvalid");
    }

    [Fact]
    public async Task A_form_does_as_well_as_json_and_the_device_replaces_its_own_session()
    {
        var tokens = new List<string>();
        foreach (var device in new[] { "手机 A", "手机 B", "手机 A" })
        {
            using var form = MiniappHouse.Form(
                $"provider=douyin&code={house.Douyin.NewCode(DouyinImitation.App, "on-devices")}&device={Uri.EscapeDataString(device)}");
            tokens.Add((await MiniappHouse.PostAsync(house.Server, "/api/miniapp/session", form)).Data.GetProperty("token").GetString()!);
        }

        (await house.GetAsync("/admin/user/1", tokens[0])).ShouldFail(401, "TokenInvalid");
        (await house.GetAsync("/admin/user/1", tokens[1])).ShouldFail(403, "AdminRequired");
        (await house.GetAsync("/admin/user/1", tokens[2])).ShouldFail(403, "AdminRequired");
    }

    [Fact]
    public async Task What_cannot_be_a_code_is_not_asked_about()
    {
        var asked = house.Douyin.Requests;
        object[] bodies =
        [
            new { code = "abc" },
            new { provider = "", code = "abc" },
            new { provider = "douyin" },
            new { provider = "douyin", code = "" },
            new { provider = "douyin", code = 5 },
            new { provider = "douyin", code = new string('a', 1025) },
            new { provider = "douyin", code = "a b" },
            new { provider = "douyin", code = "码" },
            new { provider = "douyin", code = "a", authCode = "b" },
            new { provider = "douyin", code = "a", device = "line\nbreak" },
            new { provider = "douyin", code = "a", device = new string('d', 65) },
            new { provider = new string('p', 65), code = "a" },
            new { provider = "douyin", code = "a", appId = "nul\0" },
            new[] { "douyin", "a" },
        ];
        foreach (var body in bodies)
            (await house.PostAsync("/api/miniapp/session", body)).ShouldFail(422, "FieldInvalid");
        using var text = new StringContent("{}", new MediaTypeHeaderValue("text/plain"));
        (await MiniappHouse.PostAsync(house.Server, "/api/miniapp/session", text)).ShouldFail(422, "FieldInvalid");

        house.Douyin.Requests.Should().Be(asked);
    }

    internal static long UserOf(Answer answer)
    {
        answer.ShouldBeOk();
        return answer.Data.GetProperty("user").GetProperty("id").GetInt64();
    }
}
