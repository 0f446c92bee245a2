using OssProxy.Tests.Api;

namespace OssProxy.Tests.Identity;

/// <summary>The users of mini-programs in the console, and deployments that have none.</summary>
[Collection(MiniappCollection.Name)]
public sealed class MiniappConsoleSpecs(MiniappHouse house)
{
    [Fact]
    public async Task An_admin_sees_users_and_shuts_one_out()
    {
        var code = house.Wechat.NewCode("wx1", "shut-out");
        var answer = await house.SignInAsync("wechat", code, "wx1");
        var (user, token) = (MiniappSpecs.UserOf(answer), answer.Data.GetProperty("token").GetString()!);

        var list = await house.GetAsync("/admin/user/1?limit=1", ApiServer.AdminKey);
        list.ShouldBeOk();
        list.Data.GetProperty("totalCount").GetInt64().Should().BePositive();
        var row = list.Data.GetProperty("list").EnumerateArray().Should().ContainSingle().Which;
        row.EnumerateObject().Select(member => member.Name).Should().Equal("id", "name", "status", "create_time", "providers");
        row.GetProperty("id").GetInt64().Should().Be(user);
        row.GetProperty("status").GetInt32().Should().Be(1);
        row.GetProperty("create_time").GetString().Should().MatchRegex("^20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9:]{8}$");
        row.GetProperty("providers")[0].GetString().Should().Be("wechat");

        (await SetAsync("/admin", user, 0)).Data.GetBoolean().Should().BeTrue();
        var deed = await house.LastDeedAsync();
        (deed.Actor, deed.Action, deed.Subject).Should().Be(("admin", "user.disable", $"user:{user}"));
        (await house.GetAsync("/admin/user/1", token)).ShouldFail(401, "TokenInvalid");
        (await house.SignInAsync("wechat", house.Wechat.NewCode("wx1", "shut-out"), "wx1")).ShouldFail(403, "UserDisabled");
        (await house.GetAsync("/api/admin/user/1?limit=1", ApiServer.AdminKey)).Data.GetProperty("list")[0].GetProperty("status").GetInt32().Should().Be(0);

        (await SetAsync("/api/admin", user, 1)).ShouldBeOk();
        (await house.LastDeedAsync()).Action.Should().Be("user.enable");
        var written = await house.CountAsync("audit_event");
        (await SetAsync("/admin", user, 1)).ShouldBeOk();
        (await house.CountAsync("audit_event")).Should().Be(written, "nothing has changed");
        (await house.SignInAsync("wechat", house.Wechat.NewCode("wx1", "shut-out"), "wx1")).ShouldBeOk();
    }

    [Fact]
    public async Task A_code_that_is_typed_as_the_app_is_not_repeated_in_the_book()
    {
        (await house.SignInAsync("wechat", "c", "061aCodeInTheWrongField")).ShouldFail(400, "AppUnknown");

        var deed = await house.LastDeedAsync();
        (deed.Subject, deed.Detail).Should().Be(("unknown", "AppUnknown"));
    }

    [Fact]
    public async Task Only_admins_see_users_and_what_is_no_change_is_refused()
    {
        var stranger = await house.PostAsync("/admin/user/1/update_status", new { status = 0 });
        stranger.ShouldFail(401, "TokenMissing");
        stranger.Message.Should().Be("非法token，请先登录！");

        (await SetAsync("/admin", 999_999, 0)).ShouldFail(404, "UserNotFound");
        (await house.PostAsync("/admin/user/1/update_status", new { }, ApiServer.AdminKey)).ShouldFail(422, "FieldInvalid");
        (await house.PostAsync("/admin/user/1/update_status", new { status = 2 }, ApiServer.AdminKey)).ShouldFail(422, "FieldInvalid");
    }

    [Theory]
    [InlineData("Records:Provider", "none", 501, "RecordsOff")]
    [InlineData("Auth:Sessions", "false", 403, "SignInOff")]
    public async Task Where_no_session_can_begin_nobody_is_asked(string key, string value, int status, string code)
    {
        await using var server = await ApiServer.StartAsync(
            [(key, value), .. MiniappHouse.App(0, "douyin", DouyinImitation.App, house.Douyin, ("Secret", DouyinImitation.Secret))]);
        var asked = house.Douyin.Requests;
        using var form = MiniappHouse.Form("provider=douyin&code=" + house.Douyin.NewCode(DouyinImitation.App, "nobody"));

        (await MiniappHouse.PostAsync(server, "/api/miniapp/session", form)).ShouldFail(status, code);

        house.Douyin.Requests.Should().Be(asked);
    }

    [Fact]
    public async Task With_one_platform_beside_Alipay_a_code_needs_no_name_and_with_none_there_is_no_app()
    {
        await using var server = await ApiServer.StartAsync(
            [.. MiniappHouse.App(0, "douyin", DouyinImitation.App, house.Douyin, ("Secret", DouyinImitation.Secret))]);
        using var form = MiniappHouse.Form("code=" + house.Douyin.NewCode(DouyinImitation.App, "unnamed"));
        using var alipays = MiniappHouse.Form("authCode=abc");

        (await MiniappHouse.PostAsync(server, "/createSession", form)).ShouldBeOk();
        (await MiniappHouse.PostAsync(server, "/createSession", alipays)).ShouldFail(400, "AppUnknown");
    }

    private Task<Answer> SetAsync(string prefix, long user, int status) =>
        house.PostAsync($"{prefix}/user/{user}/update_status", new { status }, ApiServer.AdminKey);
}
