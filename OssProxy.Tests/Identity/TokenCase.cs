using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using OssProxy.Core.Identity;
using OssProxy.Core.Records;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Identity;

/// <summary>Every sort of caller, and every way in which a token can be no good.</summary>
public enum TokenCase
{
    None,
    EmptyHeader,
    Garbage,
    VeryLong,
    UnknownSession,
    EndedSession,
    ExpiredSession,
    DisabledUser,
    DisabledAccount,
    UnknownKey,
    RevokedKey,
    JwtForged,
    JwtExpired,
    JwtDisabled,
    JwtVisitor,
    JwtUser,
    JwtAdmin,
    GuestSession,
    UserSession,
    AccountSession,
    UploadKey,
    ReadKey,
    ConsoleKey,
    AdminKey,
}

/// <summary>Makes a token of each sort, a fresh one for every request, because some requests end it.</summary>
internal sealed class TokenMaker(ApiServer server)
{
    public const string JwtSecret = "a-shared-secret-of-the-chat-server";

    public static (string Key, string Value)[] Settings =>
    [
        ("Auth:Jwt:Keys:0:Secret", JwtSecret),
        ("Auth:Jwt:AdminRoles", "boss"),
    ];

    private Sessions Sessions => server.Services.GetRequiredService<Sessions>();

    private ApiKeys Keys => server.Services.GetRequiredService<ApiKeys>();

    private RecordsDatabase Database => server.Services.GetRequiredService<RecordsDatabase>();

    /// <summary>The header lines that carry it; none for no token.</summary>
    public async Task<string> HeadersAsync(TokenCase sort) =>
        sort == TokenCase.None ? "" : $"token: {await MakeAsync(sort)}\r\n";

    public async Task<string> MakeAsync(TokenCase sort)
    {
        switch (sort)
        {
            case TokenCase.EmptyHeader:
                return "";
            case TokenCase.Garbage:
                return "no-such-token";
            case TokenCase.VeryLong:
                return new string('a', 3000) + "." + new string('b', 6000) + ".c";
            case TokenCase.UnknownSession:
                return TokenShape.New(TokenShape.Session).Reveal();
            case TokenCase.UnknownKey:
                return TokenShape.New(TokenShape.ApiKey).Reveal();
            case TokenCase.EndedSession:
                var ended = await Sessions.BeginAsync(SessionKind.User, await UserAsync(1), "", CancellationToken.None);
                await Sessions.EndAsync(SessionKind.User, ended.Session.Subject, ended.Session.Id, CancellationToken.None);
                return ended.Token.Reveal();
            case TokenCase.ExpiredSession:
                var expired = await Sessions.BeginAsync(SessionKind.User, await UserAsync(1), "", CancellationToken.None);
                await RunAsync($"UPDATE session SET expires_at = 1 WHERE id = {expired.Session.Id}");
                return expired.Token.Reveal();
            case TokenCase.DisabledUser:
                return (await Sessions.BeginAsync(SessionKind.User, await UserAsync(0), "", CancellationToken.None)).Token.Reveal();
            case TokenCase.DisabledAccount:
                return (await Sessions.BeginAsync(SessionKind.Admin, await AccountAsync(0), "", CancellationToken.None)).Token.Reveal();
            case TokenCase.RevokedKey:
                var (id, revoked) = await Keys.CreateAsync("gone", [KeyRight.Admin], [], CancellationToken.None);
                await Keys.RevokeAsync(id, CancellationToken.None);
                return revoked.Reveal();
            case TokenCase.GuestSession:
                return (await Sessions.BeginAsync(SessionKind.Guest, 0, "a-device", CancellationToken.None)).Token.Reveal();
            case TokenCase.UserSession:
                return (await Sessions.BeginAsync(SessionKind.User, await UserAsync(1), "", CancellationToken.None)).Token.Reveal();
            case TokenCase.AccountSession:
                return (await Sessions.BeginAsync(SessionKind.Admin, await AccountAsync(1), "", CancellationToken.None)).Token.Reveal();
            case TokenCase.UploadKey:
                return await KeyAsync(KeyRight.Upload);
            case TokenCase.ReadKey:
                return await KeyAsync(KeyRight.AdminRead);
            case TokenCase.ConsoleKey:
                return await KeyAsync(KeyRight.Admin);
            case TokenCase.AdminKey:
                return ApiServer.AdminKey;
            case TokenCase.JwtForged:
                return TestJwt.Hs256(new { id = 7 }, "some-other-secret-entirely");
            case TokenCase.JwtExpired:
                return TestJwt.Hs256(new { id = 7, exp = 1_700_000_000 }, JwtSecret);
            case TokenCase.JwtDisabled:
                return TestJwt.Hs256(new { id = 7, status = 0 }, JwtSecret);
            case TokenCase.JwtVisitor:
                return TestJwt.Hs256(new { id = 8, role = "visitor" }, JwtSecret);
            case TokenCase.JwtUser:
                return TestJwt.Hs256(new { id = 7, username = "li", role = "user" }, JwtSecret);
            case TokenCase.JwtAdmin:
                return TestJwt.Hs256(new { id = 1, username = "wang", role = "boss" }, JwtSecret);
            default:
                throw new ArgumentOutOfRangeException(nameof(sort), sort, "No such token.");
        }
    }

    public Task RevokeAsync(long key) => Keys.RevokeAsync(key, CancellationToken.None);

    public Task<long> UserAsync(int status) => Database.WriteAsync(
        WriteScope.Statement,
        session => session.ScalarAsync<long>(
            "INSERT INTO app_user (name, status, create_time) VALUES ('li', @Status, 0) RETURNING id", new { Status = status }),
        CancellationToken.None);

    private async Task<long> AccountAsync(int status)
    {
        PlainName.TryParse(Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture), out var name).Should().BeTrue();
        var accounts = server.Services.GetRequiredService<Accounts>();
        var id = (await accounts.CreateAsync(name!, new Secret("no hash"), CancellationToken.None))!.Value;
        if (status == 0)
            await accounts.DisableAsync(id, CancellationToken.None);
        return id;
    }

    private async Task<string> KeyAsync(KeyRight right) => (await Keys.CreateAsync("key", [right], [], CancellationToken.None)).Token.Reveal();

    private Task<int> RunAsync(string sql) =>
        Database.WriteAsync(WriteScope.Statement, session => session.ExecuteAsync(sql), CancellationToken.None);
}
