namespace OssProxy.Tests.Identity;

/// <summary>Where nobody needs a token, because there one is got: who tries too often is not asked for the body.</summary>
public sealed class SignInDoorSpecs : CallSpecs
{
    protected override (string Key, string Value)[] Settings => [("Rates:SignInsPerMinute", "1")];

    [Fact]
    public async Task Every_way_to_sign_in_counts_as_an_attempt_before_the_body()
    {
        (await SendAsync(HttpMethod.Post, "/api/guest/session", body: new { })).ShouldBeOk();
        var ways = Knock.All(Server.Services).Where(knock => knock.Family == RouteFamily.SignIn).Select(knock => (knock, Headers: ""))
            .Append((new Knock("POST", "/console/session", RouteFamily.Page), "Sec-Fetch-Site: same-origin\r\n")).ToList();

        ways.Should().HaveCountGreaterThan(8);
        foreach (var (knock, headers) in ways)
        {
            using var connection = await Server.ConnectAsync();
            await connection.SendAsync(knock.Head(headers));

            (await connection.ReadAnswerAsync()).Should().StartWith("HTTP/1.1 429", knock.ToString())
                .And.MatchRegex("Retry-After: [1-6]?[0-9]\r\n");
        }
    }
}
