using OssProxy.Tests.Api;

namespace OssProxy.Tests.Identity;

/// <summary>
/// Every route, every sort of caller, every way in which a token is no good: one table, made of the routes as they are mapped. Who is refused
/// hears the documented status, code and words, and is not asked for the body; who is admitted hears anything but that.
/// </summary>
public abstract class EntryTableSpecs : ApiSpecs
{
    private static readonly string[] Refusals =
        ["TokenMissing", "TokenInvalid", "TokenExpired", "UserDisabled", "GuestNotAllowed", "AdminRequired", "ScopeMissing", "AdminKeyNotConfigured"];

    protected abstract bool GuestsAllowed { get; }

    protected override (string Key, string Value)[] Settings =>
        [("Guests:Allowed", GuestsAllowed ? "true" : "false"), .. TokenMaker.Settings];

    // One server for the whole table: several thousand requests, each on a connection of its own.
    [Fact]
    public async Task Every_route_answers_every_token_as_documented()
    {
        // Whether guests are allowed is asked at the chat doors alone; the rest of the table is looked at once.
        var knocks = Knock.All(Server.Services).Where(one =>
            GuestsAllowed ? one.Family is not (RouteFamily.Open or RouteFamily.SignIn or RouteFamily.Page or RouteFamily.Signed)
                : one.Family is RouteFamily.Chat or RouteFamily.Grant or RouteFamily.Known).ToList();
        foreach (var sort in Enum.GetValues<TokenCase>())
            (await ComplaintsAsync(knocks, sort)).Should().BeEmpty($"the token is {sort}");
        (await Server.ObjectsAsync()).Should().BeEmpty();
    }

    [Fact]
    public void Every_route_has_a_door_or_is_listed_as_open()
    {
        var all = Knock.All(Server.Services);

        all.Should().OnlyHaveUniqueItems().And.HaveCountGreaterThan(100);
        foreach (var family in Enum.GetValues<RouteFamily>())
            all.Should().Contain(knock => knock.Family == family);
    }

    private async Task<List<string>> ComplaintsAsync(IEnumerable<Knock> knocks, TokenCase sort)
    {
        var maker = new TokenMaker(Server);
        var complaints = new List<string>();
        foreach (var knock in knocks)
        {
            using var connection = await Server.ConnectAsync();
            await connection.SendAsync(knock.Head(await maker.HeadersAsync(sort)));
            var answer = await connection.ReadAnswerAsync();
            if (Expected(knock, sort) is not { } expected)
            {
                // Whoever is admitted may be asked for the body, or be told what is wrong with the rest of the request.
                if (Refusals.Any(code => answer.Contains($"\"{code}\"", StringComparison.Ordinal)))
                    complaints.Add($"{knock} refuses: {answer}");
                continue;
            }

            if (!answer.StartsWith($"HTTP/1.1 {expected.Status} ", StringComparison.Ordinal)
                || !answer.Contains($"\"errorCode\":\"{expected.Code}\"", StringComparison.Ordinal)
                || !answer.Contains($"\"msg\":\"{expected.Text}\",\"data\":\"{expected.Text}\"", StringComparison.Ordinal))
                complaints.Add($"{knock} should answer {expected} and says {answer}");
        }

        return complaints;
    }

    private (int Status, string Code, string Text)? Expected(Knock knock, TokenCase sort)
    {
        var (missing, invalid, expired, disabled) = knock.Family switch
        {
            RouteFamily.Console => ("非法token，请先登录！", "非法token，请先登录！", "非法token，请先登录！", "非法token，请先登录！"),
            RouteFamily.Shop => ("您没有权限访问商城接口", "Token 令牌不合法！", "Token已过期！请重新获取令牌", "用户不存在或已被禁用！"),
            RouteFamily.Chat => ("您没有权限访问即时通讯接口", "Token 令牌不合法！", "Token已过期！请重新获取令牌", "当前用户不存在或者已被禁用"),
            _ => ("您没有权限访问该接口", "Token 令牌不合法！", "Token已过期！请重新获取令牌", "当前用户不存在或者已被禁用"),
        };
        return sort switch
        {
            TokenCase.None or TokenCase.EmptyHeader when GuestsAllowed && knock.Family is (RouteFamily.Chat or RouteFamily.Grant) => null,
            TokenCase.None or TokenCase.EmptyHeader => (401, "TokenMissing", missing),
            TokenCase.Garbage or TokenCase.VeryLong or TokenCase.UnknownSession or TokenCase.EndedSession or TokenCase.UnknownKey
                or TokenCase.RevokedKey or TokenCase.JwtForged => (401, "TokenInvalid", invalid),
            TokenCase.ExpiredSession or TokenCase.JwtExpired => (401, "TokenExpired", expired),
            TokenCase.DisabledUser or TokenCase.DisabledAccount or TokenCase.JwtDisabled => (403, "UserDisabled", disabled),
            _ => Admission(knock, sort),
        };
    }

    private (int Status, string Code, string Text)? Admission(Knock knock, TokenCase sort) => knock.Family switch
    {
        RouteFamily.Known => null,
        RouteFamily.Mine => sort is TokenCase.GuestSession or TokenCase.JwtVisitor ? Guest : null,
        RouteFamily.Chat or RouteFamily.Grant => sort switch
        {
            TokenCase.GuestSession or TokenCase.JwtVisitor when !GuestsAllowed => Guest,
            TokenCase.ReadKey => Scope,
            _ => null,
        },
        _ => sort switch
        {
            TokenCase.AdminKey or TokenCase.AccountSession or TokenCase.JwtAdmin or TokenCase.ConsoleKey => null,
            TokenCase.UploadKey => knock.Uploads ? null : Scope,
            TokenCase.ReadKey => knock.Reads ? null : Scope,
            _ => (403, "AdminRequired", "该接口需要管理员权限"),
        },
    };

    private static (int Status, string Code, string Text) Guest => (403, "GuestNotAllowed", "您没有权限访问，请先注册或登录");

    private static (int Status, string Code, string Text) Scope => (403, "ScopeMissing", "这个 API 密钥没有访问该接口的权限");
}

public sealed class EntryTableWithGuestsSpecs : EntryTableSpecs
{
    protected override bool GuestsAllowed => true;
}

public sealed class EntryTableWithoutGuestsSpecs : EntryTableSpecs
{
    protected override bool GuestsAllowed => false;
}
