using OssProxy.Tests.Api;

namespace OssProxy.Tests.Identity;

/// <summary>Every page, every sort of token in the cookie: it is the session of an account that may come in, or the form to sign in, and nobody who
/// is not let in is asked for a body.</summary>
public sealed class PageEntrySpecs : ApiSpecs
{
    private const string SignInForm = "action=\"/console/session\"";

    protected override (string Key, string Value)[] Settings => TokenMaker.Settings;

    public static TheoryData<TokenCase> Tokens => [.. Enum.GetValues<TokenCase>()];

    [Theory]
    [MemberData(nameof(Tokens))]
    public async Task A_page_takes_the_session_of_an_account_and_shows_all_others_the_form(TokenCase sort)
    {
        var pages = Knock.All(Server.Services).Where(one => one.Family == RouteFamily.Page && one.Path != "/console/session").ToList();
        pages.Should().HaveCountGreaterThan(2);

        foreach (var page in pages)
        {
            var token = sort == TokenCase.None ? null : await new TokenMaker(Server).MakeAsync(sort);
            using var connection = await Server.ConnectAsync();
            await connection.SendAsync(page.Head((token is null ? "" : $"Cookie: ossproxy_session={token}\r\n") + "Sec-Fetch-Site: same-origin\r\n"));
            var answer = await connection.ReadAnswerAsync();

            if (sort == TokenCase.AccountSession)
            {
                answer.Should().StartWith(page.Reads ? "HTTP/1.1 200 OK" : "HTTP/1.1 100 Continue", page.ToString()).And.NotContain(SignInForm);
                continue;
            }

            var (status, isOver) = sort switch
            {
                TokenCase.None or TokenCase.EmptyHeader => (401, false),
                TokenCase.DisabledUser or TokenCase.DisabledAccount or TokenCase.JwtDisabled => (403, true),
                _ => (401, true),
            };
            answer.Should().StartWith($"HTTP/1.1 {(page.Reads ? 200 : status)} ", page.ToString());
            answer.Should().Contain(SignInForm).And.NotContain("<td>").And.NotContain("100 Continue");
            answer.Contains("登录已失效", StringComparison.Ordinal).Should().Be(isOver);
            answer.Contains("Set-Cookie: ossproxy_session=; expires=Thu, 01 Jan 1970", StringComparison.Ordinal).Should().Be(isOver);
        }
    }
}
