using Microsoft.Extensions.DependencyInjection;
using OssProxy.Core.Identity;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Identity;

/// <summary>What a caller has of its own.</summary>
public sealed class MeSpecs : CallSpecs
{
    [Theory]
    [InlineData(TokenCase.UserSession, "user", "user", "^user:[0-9]+$", "li")]
    [InlineData(TokenCase.AccountSession, "admin", "admin", "^admin:[0-9a-f]{32}$", null)]
    [InlineData(TokenCase.GuestSession, "guest", "visitor", "^guest:a-device$", "guest")]
    [InlineData(TokenCase.JwtUser, "user", "user", "^jwt:7$", "li")]
    [InlineData(TokenCase.JwtVisitor, "guest", "visitor", "^jwt:8$", null)]
    [InlineData(TokenCase.JwtAdmin, "admin", "admin", "^jwt:1$", "wang")]
    [InlineData(TokenCase.UploadKey, "machine", "machine", "^key:[0-9]+$", "key")]
    [InlineData(TokenCase.AdminKey, "admin", "admin", "^admin$", "admin")]
    public async Task A_token_tells_who_it_is(TokenCase sort, string kind, string role, string id, string? name)
    {
        var me = await GetAsync("/api/me", await Tokens.MakeAsync(sort));

        me.ShouldBeOk();
        me.Data.GetProperty("kind").GetString().Should().Be(kind);
        me.Data.GetProperty("role").GetString().Should().Be(role);
        me.Data.GetProperty("id").GetString().Should().MatchRegex(id);
        if (name is not null)
            me.Data.GetProperty("name").GetString().Should().Be(name);
    }

    [Theory]
    [InlineData("POST", "/delete")]
    [InlineData("DELETE", "")]
    public async Task My_files_are_mine_to_see_and_to_delete_and_others_are_not_there(string verb, string end)
    {
        var (mine, other) = (await Tokens.MakeAsync(TokenCase.UserSession), await Tokens.MakeAsync(TokenCase.UserSession));
        (await UploadAsync(mine)).ShouldBeOk();
        var file = (await UploadAsync(mine)).Row;
        var theirs = (await UploadAsync(other)).Row.GetProperty("id").GetInt64();
        (await UploadAsync(null)).ShouldBeOk();

        var listed = await GetAsync("/api/me/files/1", mine);
        listed.Data.GetProperty("totalCount").GetInt64().Should().Be(2);
        var first = listed.Data.GetProperty("list")[0];
        foreach (var name in new[] { "id", "url", "path", "image_class_id", "create_time" })
            first.GetProperty(name).ToString().Should().Be(file.GetProperty(name).ToString(), "the newest comes first");
        first.TryGetProperty("owner", out _).Should().BeFalse("what only consoles may know is not told");

        // A filter of the consoles' does not open others' files.
        (await GetAsync("/api/me/files/1?owner=", mine)).Data.GetProperty("totalCount").GetInt64().Should().Be(2);

        var foreign = await SendAsync(new HttpMethod(verb), $"/api/me/files/{theirs}{end}", mine);
        var missing = await SendAsync(new HttpMethod(verb), $"/api/me/files/999999{end}", mine);
        foreign.ShouldFail(404, "FileNotFound");
        missing.ShouldFail(404, "FileNotFound");
        foreign.Message.Should().Be(missing.Message);

        (await SendAsync(new HttpMethod(verb), $"/api/me/files/{file.GetProperty("id").GetInt64()}{end}", mine)).ShouldBeOk();
        (await GetAsync("/api/me/files", mine)).Data.GetProperty("totalCount").GetInt64().Should().Be(1);
        (await GetAsync("/api/me/files", other)).Data.GetProperty("totalCount").GetInt64().Should().Be(1);
        var book = await GetAsync("/admin/audit/1", ApiServer.AdminKey);
        book.Data.GetProperty("list").EnumerateArray().Should().Contain(row =>
            row.GetProperty("action").GetString() == "image.delete" && row.GetProperty("detail").GetString() == file.GetProperty("id").ToString()
            && row.GetProperty("actor").GetString()!.StartsWith("user:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sessions_are_listed_ended_one_by_one_and_all_others_at_once()
    {
        var sessions = Server.Services.GetRequiredService<Sessions>();
        var user = await Tokens.UserAsync(1);
        var phone = await sessions.BeginAsync(SessionKind.User, user, "我的手机", CancellationToken.None);
        var tablet = await sessions.BeginAsync(SessionKind.User, user, "tablet", CancellationToken.None);
        var watch = await sessions.BeginAsync(SessionKind.User, user, "watch", CancellationToken.None);
        var stranger = await sessions.BeginAsync(SessionKind.User, await Tokens.UserAsync(1), "phone", CancellationToken.None);
        var mine = phone.Token.Reveal();

        var listed = (await GetAsync("/api/me/sessions", mine)).Data.EnumerateArray().ToList();
        listed.Select(one => one.GetProperty("device").GetString()).Should().BeEquivalentTo("我的手机", "tablet", "watch");
        listed.Single(one => one.GetProperty("current").GetBoolean()).GetProperty("id").GetInt64().Should().Be(phone.Session.Id);

        (await SendAsync(HttpMethod.Delete, $"/api/me/sessions/{stranger.Session.Id}", mine)).ShouldFail(404, "SessionNotFound");
        (await SendAsync(HttpMethod.Post, $"/api/me/sessions/{tablet.Session.Id}/delete", mine)).ShouldBeOk();
        (await GetAsync("/api/me", tablet.Token.Reveal())).ShouldFail(401, "TokenInvalid");
        (await SendAsync(HttpMethod.Post, "/api/me/sessions/delete_others", mine)).Data.GetProperty("ended").GetInt32().Should().Be(1);
        (await GetAsync("/api/me", watch.Token.Reveal())).ShouldFail(401, "TokenInvalid");

        (await SendAsync(HttpMethod.Post, "/api/me/logout", mine)).Data.GetProperty("ended").GetInt32().Should().Be(1);
        (await UploadAsync(mine)).ShouldFail(401, "TokenInvalid");
        (await GetAsync("/api/me", stranger.Token.Reveal())).ShouldBeOk();
    }

    [Fact]
    public async Task A_token_that_is_no_session_of_ours_cannot_be_signed_out_and_is_told_so()
    {
        var token = await Tokens.MakeAsync(TokenCase.JwtUser);

        (await SendAsync(HttpMethod.Post, "/api/logout", token)).Data.GetProperty("ended").GetInt32().Should().Be(0);
        (await GetAsync("/api/me/sessions", token)).Data.GetArrayLength().Should().Be(0);
    }

    [Theory]
    [InlineData("/api/guest/session")]
    [InlineData("/api/visitorRegister")]
    public async Task A_guest_registers_a_device_and_sends_files_under_its_name(string path)
    {
        var answer = await SendAsync(HttpMethod.Post, path, body: new { deviceId = "0b8f2c3e-5f0e-4a58-9d6c-1d2e3f4a5b6c", timestamp = 1_767_600_000_000 });

        answer.ShouldBeOk();
        answer.Data.GetProperty("role").GetString().Should().Be("visitor");
        answer.Data.GetProperty("sessionId").GetString().Should().Be(answer.Data.GetProperty("token").GetString());
        answer.Data.GetProperty("expiresIn").GetInt64().Should().Be(30 * 24 * 3600);
        (await UploadAsync(answer.Data.GetProperty("token").GetString())).ShouldBeOk();
        (await LastRowAsync()).Should().Be(("guest:0b8f2c3e-5f0e-4a58-9d6c-1d2e3f4a5b6c", "guest"));
    }

    [Theory]
    [InlineData("../../etc")]
    [InlineData("a b")]
    [InlineData("一台手机")]
    public async Task A_guests_device_that_is_no_plain_name_is_refused(string device) =>
        (await SendAsync(HttpMethod.Post, "/api/guest/session", body: new { deviceId = device })).ShouldFail(422, "FieldInvalid");

    [Fact]
    public async Task A_guest_without_a_name_for_the_device_is_given_one()
    {
        var answer = await SendAsync(HttpMethod.Post, "/api/guest/session", body: new { });

        answer.ShouldBeOk();
        answer.Data.GetProperty("deviceId").GetString().Should().MatchRegex("^[0-9a-f]{32}$");
    }
}
