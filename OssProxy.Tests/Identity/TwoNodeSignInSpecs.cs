using OssProxy.Tests.Api;
using OssProxy.Tests.Api.Library;
using OssProxy.Tests.Records;

namespace OssProxy.Tests.Identity;

[Collection(PostgresCollection.Name)]
public sealed class TwoNodeSignInSpecs(PostgresServer postgres)
{
    [Fact]
    public async Task Fifty_guesses_at_once_on_two_nodes_have_no_more_passwords_looked_at_than_five_in_a_row()
    {
        (string, string)[] settings = [.. await PostgresSettings.NewAsync(postgres), ("Rates:SignInsPerMinute", "0"), ("Auth:LockoutFailures", "5")];
        await using var one = await ApiServer.StartAsync(settings);
        await using var other = await ApiServer.StartAsync(settings);
        await AccountSpecs.NewAccountAsync(one, "li");

        // No more at once than a node lets wait: the others would be told to come back, and prove nothing.
        var answers = new List<Answer>();
        for (var wave = 0; wave < 2; wave++)
        {
            answers.AddRange(await Task.WhenAll(Enumerable.Range(0, 26).Select(i =>
                AccountSpecs.SignInAsync(i % 2 == 0 ? one : other, "li", $"guess number {i}"))));
        }

        answers.Select(answer => answer.ErrorCode).Distinct().Should().BeEquivalentTo("SignInFailed", "SignInLocked");
        answers.Count(answer => answer.ErrorCode == "SignInFailed").Should().Be(5);
        (await AccountSpecs.SignInAsync(other, "li", AccountSpecs.Password)).ShouldFail(429, "SignInLocked");
    }
}
