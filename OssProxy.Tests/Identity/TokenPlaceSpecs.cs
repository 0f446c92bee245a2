using OssProxy.Tests.Api;

namespace OssProxy.Tests.Identity;

/// <summary>Where a token may stand.</summary>
public sealed class TokenPlaceSpecs : CallSpecs
{
    protected override (string Key, string Value)[] Settings => [.. base.Settings, ("Guests:Allowed", "false")];

    [Theory]
    [InlineData("token", "{0}")]
    [InlineData("Token", " {0} ")]
    [InlineData("Authorization", "Bearer {0}")]
    [InlineData("authorization", "bearer {0}")]
    [InlineData("Cookie", "other=1; ossproxy_session={0}")]
    public async Task A_token_is_found_in_a_header(string name, string form)
    {
        var value = form.Replace("{0}", await Tokens.MakeAsync(TokenCase.AccountSession), StringComparison.Ordinal);

        (await SendAsync(HttpMethod.Get, "/api/me", headers: (name, value))).ShouldBeOk();
    }

    [Theory]
    [InlineData(TokenCase.UserSession)]
    [InlineData(TokenCase.GuestSession)]
    [InlineData(TokenCase.ConsoleKey)]
    [InlineData(TokenCase.JwtAdmin)]
    [InlineData(TokenCase.AdminKey)]
    public async Task A_cookie_is_for_the_session_of_an_account_and_nothing_else(TokenCase sort) =>
        (await SendAsync(HttpMethod.Get, "/api/me", headers: ("Cookie", "ossproxy_session=" + await Tokens.MakeAsync(sort)))).ShouldFail(401, "TokenInvalid");

    [Theory]
    [InlineData("/api/me")]
    [InlineData("/api/me/files/1")]
    [InlineData("/admin/audit/1")]
    [InlineData("/admin/image_class/1")]
    public async Task What_was_answered_to_one_is_kept_by_no_cache(string path)
    {
        using var response = await Server.Client.GetAsync($"{path}?token={ApiServer.AdminKey}");

        response.EnsureSuccessStatusCode();
        response.Headers.CacheControl!.NoStore.Should().BeTrue();
    }

    [Theory]
    [InlineData("Authorization", "Basic dXNlcjpwYXNzd29yZA==")]
    [InlineData("Authorization", "Bearer ")]
    [InlineData("token", "null")]
    [InlineData("token", "undefined")]
    public async Task What_is_no_token_is_none(string name, string value)
    {
        (await SendAsync(HttpMethod.Get, "/api/me", headers: (name, value))).ShouldFail(401, "TokenMissing");

        var token = await Tokens.MakeAsync(TokenCase.UserSession);
        (await SendAsync(HttpMethod.Get, "/api/me?token=" + token, headers: (name, value))).ShouldBeOk();
    }

    [Fact]
    public async Task In_the_address_it_counts_only_where_nothing_is_changed()
    {
        var token = await Tokens.MakeAsync(TokenCase.UserSession);

        (await GetAsync("/api/me?token=" + token)).ShouldBeOk();
        (await PostAsync(Chat + "?token=" + token, new Form().File("img", "a.jpg", Samples.Photo))).ShouldFail(401, "TokenMissing");
        (await SendAsync(HttpMethod.Post, "/api/me/logout?token=" + token)).ShouldFail(401, "TokenMissing");
    }

    [Fact]
    public async Task In_the_form_it_is_tolerated_and_counts_for_nothing()
    {
        var token = await Tokens.MakeAsync(TokenCase.UserSession);
        var form = new Form().Field("token", "whatever").File("img", "a.jpg", Samples.Photo).Field("token", "whatever");

        (await PostAsync(Chat, form, ("token", token))).ShouldBeOk();
        (await PostAsync(Chat, new Form().Field("token", token).File("img", "a.jpg", Samples.Photo))).ShouldFail(401, "TokenMissing");
    }

    [Fact]
    public async Task The_first_place_decides_and_a_bad_token_there_is_not_made_good_by_another()
    {
        var token = await Tokens.MakeAsync(TokenCase.UserSession);

        (await SendAsync(HttpMethod.Get, "/api/me?token=wrong", token)).ShouldBeOk();
        (await SendAsync(HttpMethod.Get, "/api/me", "wrong", null, ("Authorization", "Bearer " + token))).ShouldFail(401, "TokenInvalid");
        (await SendAsync(HttpMethod.Get, "/api/me", null, null, ("token", token), ("token", "wrong"))).ShouldFail(401, "TokenInvalid");
    }

    [Theory]
    [InlineData("Auth:Sessions", TokenCase.UserSession)]
    [InlineData("Auth:ApiKeys", TokenCase.UploadKey)]
    public async Task A_sort_that_is_switched_off_is_like_one_that_was_never_made(string setting, TokenCase sort)
    {
        await using var server = await ApiServer.StartAsync((setting, "false"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/me");
        request.Headers.Add("token", await new TokenMaker(server).MakeAsync(sort));
        using var response = await server.Client.SendAsync(request);

        (await Answer.ReadAsync(response)).ShouldFail(401, "TokenInvalid");
    }

    [Fact]
    public async Task Without_records_the_admin_key_and_tokens_of_another_backend_are_what_there_is()
    {
        await using var server = await ApiServer.StartAsync([.. TokenMaker.Settings, ("Records:Provider", "none"), ("Guests:Allowed", "true")]);
        foreach (var (token, kind) in new[] { (ApiServer.AdminKey, "admin"), (TestJwt.Hs256(new { id = 7 }, TokenMaker.JwtSecret), "user") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/me");
            request.Headers.Add("token", token);
            using var response = await server.Client.SendAsync(request);
            (await Answer.ReadAsync(response)).Data.GetProperty("kind").GetString().Should().Be(kind);
        }

        using var guest = await server.Client.PostAsync("/api/guest/session", null);
        (await Answer.ReadAsync(guest)).ShouldFail(501, "RecordsOff");
    }
}
