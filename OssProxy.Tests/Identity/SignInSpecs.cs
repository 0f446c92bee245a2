using System.Buffers.Binary;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OssProxy.Api.Access;
using OssProxy.Core.Identity;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Identity;

/// <summary>Signing in with name and password, as programs and the consoles that exist do it.</summary>
public sealed class SignInSpecs : AccountSpecs
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    protected override (string Key, string Value)[] Settings => [("Rates:SignInsPerMinute", "0"), ("Auth:LockoutFailures", "3")];

    [Theory]
    [InlineData("/api/console/session", "/admin/logout")]
    [InlineData("/admin/login", "/admin/logout")]
    [InlineData("/api/admin/login", "/api/admin/logout")]
    [InlineData("/shop/admin/login", "/shop/admin/logout")]
    [InlineData("/api/shop/admin/login", "/api/shop/admin/logout")]
    public async Task An_account_signs_in_works_and_signs_out(string path, string logout)
    {
        var id = await NewAccountAsync("Li 雷");

        var answer = await SignInAsync("li 雷", Password, path);

        answer.ShouldBeOk();
        answer.Data.GetProperty("expiresIn").GetInt64().Should().Be(30 * 24 * 3600);
        answer.Data.GetProperty("user").GetRawText().Should().Be($$"""{"id":{{id}},"name":"Li 雷"}""");
        var token = answer.Data.GetProperty("token").GetString()!;
        (await GetAsync("/admin/image_class/1", ("token", token))).ShouldBeOk();
        var session = await GetAsync("/api/console/session", ("token", token));
        session.Data.GetProperty("sessionId").GetInt64().Should().Be(answer.Data.GetProperty("sessionId").GetInt64());
        session.Text.Should().NotContain("csrfToken", "a header needs none").And.NotContain(token);
        (await SendAsync(HttpMethod.Post, logout, null, ("token", token))).ShouldBeOk();
        (await GetAsync("/shop/admin/imageclass/1", ("token", token))).ShouldFail(401, "TokenInvalid");
    }

    [Fact]
    public async Task Every_sign_in_has_a_token_of_its_own_that_no_cache_keeps_and_no_cookie_carries()
    {
        await NewAccountAsync("li");
        using var body = Json(new { username = "li", password = Password });
        using var response = await Server.Client.PostAsync("/admin/login", body);

        response.Headers.CacheControl!.NoStore.Should().BeTrue();
        response.Headers.Contains("Set-Cookie").Should().BeFalse();
        (await TokenAsync("li")).Should().NotBe(await TokenAsync("li"));
    }

    [Fact]
    public async Task A_wrong_password_an_unknown_name_and_a_disabled_account_are_told_the_same()
    {
        await NewAccountAsync("li");
        var disabled = await NewAccountAsync("wang");
        await Server.Services.GetRequiredService<Accounts>().DisableAsync(disabled, CancellationToken.None);

        var wrong = await SignInAsync("li", "not the password");
        var unknown = await SignInAsync("nobody", Password);
        var off = await SignInAsync("wang", Password);

        wrong.ShouldFail(401, "SignInFailed");
        Plain(unknown).Should().Be(Plain(wrong));
        Plain(off).Should().Be(Plain(wrong));
        (await AuditAsync()).Should().Equal("signin.fail li", "signin.fail unknown", "signin.fail wang");
        static string Plain(Answer answer) =>
            Regex.Replace($"{answer.Status} {answer.Text}", "\"requestId\":\"[^\"]*\"", "", RegexOptions.None, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task An_unknown_name_takes_as_long_as_a_known_one()
    {
        await NewAccountAsync("li");
        await SignInAsync("somebody", "not the password");

        var known = Math.Min(await TimeAsync("li"), await TimeAsync("li"));
        var unknown = Math.Min(await TimeAsync("nobody"), await TimeAsync("nobody"));

        unknown.Should().BeGreaterThan(known / 4, "without a look at some hash it would be a fiftieth");
        async Task<long> TimeAsync(string name)
        {
            var began = Stopwatch.GetTimestamp();
            (await SignInAsync(name, "not the password")).ShouldFail(401, "SignInFailed");
            return Stopwatch.GetElapsedTime(began).Ticks;
        }
    }

    [Fact]
    public async Task Too_many_wrong_passwords_lock_the_name_even_for_the_right_one_and_are_written_down_once()
    {
        await NewAccountAsync("li");
        await NewAccountAsync("wang");
        for (var i = 0; i < 3; i++)
            (await SignInAsync(i == 1 ? "LI" : "li", "not the password")).ShouldFail(401, "SignInFailed");

        using var body = Json(new { username = "li", password = Password });
        using var response = await Server.Client.PostAsync("/admin/login", body);
        (await SignInAsync("li", "not the password")).ShouldFail(429, "SignInLocked");

        (await Answer.ReadAsync(response)).ShouldFail(429, "SignInLocked");
        response.Headers.RetryAfter!.Delta!.Value.Should().BeGreaterThan(TimeSpan.Zero).And.BeLessThanOrEqualTo(TimeSpan.FromMinutes(5));
        (await SignInAsync("wang", Password)).ShouldBeOk();
        (await AuditAsync()).Take(4).Should().Equal("signin.fail li", "signin.fail li", "signin.fail li", "signin.lock li");
    }

    [Fact]
    public async Task A_right_password_makes_the_wrong_ones_before_it_count_no_more()
    {
        await NewAccountAsync("li");
        foreach (var password in new[] { "wrong one", "wrong two", Password, "wrong one", "wrong two" })
            await SignInAsync("li", password);

        (await SignInAsync("li", Password)).ShouldBeOk();
    }

    [Fact]
    public async Task A_session_that_ends_for_another_stands_in_the_book()
    {
        await NewAccountAsync("li");
        await TokenAsync("li");
        await TokenAsync("li");

        (await AuditAsync()).Should().Equal(
            "session.begin admin:li session:1", "session.end admin:li session:1", "session.begin admin:li session:2");
    }

    [Fact]
    public async Task Two_who_sign_in_at_once_while_the_hash_is_made_anew_both_come_in()
    {
        var weak = new PasswordHasher<object>(Options.Create(new PasswordHasherOptions { IterationCount = 1000 })).HashPassword(this, Password);
        await Server.Services.GetRequiredService<Accounts>().CreateAsync(Named("old"), new Secret(weak), CancellationToken.None);

        var answers = await Task.WhenAll(SignInAsync("old", Password), SignInAsync("old", Password));

        answers.Should().AllSatisfy(answer => answer.ShouldBeOk());
    }

    [Fact]
    public void A_hash_is_made_with_as_much_work_as_OWASP_asks_for()
    {
        // The framework's third format: a mark, the function (2 is HMAC-SHA512), the iterations, the length of the salt.
        var hash = Convert.FromBase64String(new Passwords().Hash(new Secret(Password)).Reveal());

        hash[0].Should().Be(1);
        BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(1)).Should().Be(2);
        BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(5)).Should().Be(210_000);
        BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(9)).Should().Be(16);
    }

    [Fact]
    public async Task A_hash_that_was_made_with_less_work_is_made_anew()
    {
        var weak = new PasswordHasher<object>(Options.Create(new PasswordHasherOptions { IterationCount = 1000 })).HashPassword(this, Password);
        var accounts = Server.Services.GetRequiredService<Accounts>();
        await accounts.CreateAsync(Named("old"), new Secret(weak), CancellationToken.None);

        (await SignInAsync("old", Password)).ShouldBeOk();

        var hash = (await accounts.FindAsync(Named("old"), CancellationToken.None))!.Value.Hash;
        hash.Reveal().Should().NotBe(weak);
        ApiServer.Passwords.Verify(hash, new Secret(Password)).Should().Be(PasswordMatch.Yes);
        (await SignInAsync("old", Password)).ShouldBeOk();
    }

    [Theory]
    [InlineData("""{"username":"li"}""", 422, "FieldInvalid")]
    [InlineData("""{"password":"correct horse battery"}""", 422, "FieldInvalid")]
    [InlineData("""{"username":"l\u0000i","password":"correct horse battery"}""", 422, "FieldInvalid")]
    [InlineData("""{"username":"l\u202ei","password":"correct horse battery"}""", 401, "SignInFailed")]
    [InlineData("""{"username":["li"],"password":"correct horse battery"}""", 422, "FieldInvalid")]
    public async Task What_cannot_be_a_name_or_a_password_is_refused(string json, int status, string code)
    {
        using var body = new StringContent(json, System.Text.Encoding.UTF8, "application/json");

        (await SendAsync(HttpMethod.Post, "/admin/login", body)).ShouldFail(status, code);
    }

    [Fact]
    public async Task A_crowd_of_sign_ins_is_told_to_come_back()
    {
        using var queue = new PasswordQueue();
        var turns = new List<Task<IDisposable>>();
        for (var i = 0; i < 18; i++)
            turns.Add(queue.EnterAsync(CancellationToken.None));

        turns.Count(turn => turn.IsCompleted).Should().Be(2);
        var refused = await FluentActions.Awaiting(() => queue.EnterAsync(CancellationToken.None).WaitAsync(Deadline)).Should().ThrowAsync<IdentityException>();
        refused.Which.Error.Should().Be(Core.Identity.IdentityError.TooManyRequests);
        foreach (var turn in turns)
            (await turn.WaitAsync(Deadline)).Dispose();
        (await queue.EnterAsync(CancellationToken.None)).Dispose();
    }
}

/// <summary>Where signing in cannot be.</summary>
public sealed class SignInOffSpecs
{
    [Theory]
    [InlineData("Auth:Passwords", "false", 403, "SignInOff")]
    [InlineData("Auth:Sessions", "false", 403, "SignInOff")]
    [InlineData("Records:Provider", "none", 501, "RecordsOff")]
    public async Task It_is_said_why_nobody_can_sign_in(string key, string value, int status, string code)
    {
        await using var server = await ApiServer.StartAsync((key, value));

        (await AccountSpecs.SignInAsync(server, "li", AccountSpecs.Password)).ShouldFail(status, code);
    }

    [Theory]
    [InlineData("Auth:Sessions", "false", 403, "SignInOff")]
    [InlineData("Guests:Allowed", "false", 403, "GuestNotAllowed")]
    [InlineData("Records:Provider", "none", 501, "RecordsOff")]
    public async Task It_is_said_why_no_guest_is_registered(string key, string value, int status, string code)
    {
        await using var server = await ApiServer.StartAsync((key, value));
        using var body = AccountSpecs.Json(new { deviceId = "phone" });

        using var response = await server.Client.PostAsync("/api/guest/session", body);

        (await Answer.ReadAsync(response)).ShouldFail(status, code);
    }
}
