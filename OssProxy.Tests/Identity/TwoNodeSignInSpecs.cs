using Microsoft.Extensions.DependencyInjection;
using OssProxy.Api.Access;
using OssProxy.Core.Identity;
using OssProxy.Core.Records;
using OssProxy.Tests.Api;
using OssProxy.Tests.Api.Library;
using OssProxy.Tests.Records;

namespace OssProxy.Tests.Identity;

[Collection(PostgresCollection.Name)]
public sealed class TwoNodeSignInSpecs(PostgresServer postgres)
{
    [Fact]
    public async Task A_password_that_is_changed_while_somebody_signs_in_with_the_old_one_leaves_them_outside()
    {
        await using var node = await ApiServer.StartAsync([.. await PostgresSettings.NewAsync(postgres)]);
        await AccountSpecs.NewAccountAsync(node, "li");
        var hash = ApiServer.Passwords.Hash(new Secret("another password")).Reveal();
        Task<Answer>? signingIn = null;

        await WhileItWaitsAsync(node, $"UPDATE account SET password = '{hash}'", () => signingIn = AccountSpecs.SignInAsync(node, "li", AccountSpecs.Password));

        (await signingIn!).ShouldFail(401, "SignInFailed");
        (await BookAsync(node)).Should().Equal("session.begin", "session.end", "signin.fail");
    }

    [Fact]
    public async Task Who_has_had_the_password_looked_at_and_leaves_has_signed_in_and_the_book_knows()
    {
        await using var node = await ApiServer.StartAsync([.. await PostgresSettings.NewAsync(postgres)]);
        await AccountSpecs.NewAccountAsync(node, "li");
        using var leaving = new CancellationTokenSource();
        var credentials = new Credentials("li", new Secret(AccountSpecs.Password), "");
        Task<(Account Account, SessionGrant Grant)>? signingIn = null;

        await WhileItWaitsAsync(
            node, "UPDATE account SET update_time = update_time",
            () => signingIn = node.Services.GetRequiredService<SignIn>().BeginAsync(credentials, "127.0.0.1", previous: default, leaving.Token),
            leaving.Cancel);

        (await signingIn!).Account.Name.Should().Be("li");
        (await BookAsync(node)).Should().Equal("session.begin");
    }

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

    // Whoever begins a session waits for the account's row, which is being changed: the password has been looked at by then.
    private static async Task WhileItWaitsAsync(ApiServer node, string change, Action signIn, Action? meanwhile = null)
    {
        var database = node.Services.GetRequiredService<RecordsDatabase>();
        await database.WriteAsync(
            WriteScope.Transaction,
            async session =>
            {
                var changed = await session.ExecuteAsync(change);
                signIn();
                await Eventually.TrueAsync(
                    async () => await database.ReadAsync(
                        waiting => waiting.ScalarAsync<long>(
                            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FROM account WHERE id%FOR UPDATE%'"),
                        CancellationToken.None) > 0,
                    "the session waits to begin");
                meanwhile?.Invoke();
                return changed;
            },
            CancellationToken.None);
    }

    // The actions, and that as many sessions are left as they say.
    private static async Task<IReadOnlyList<string>> BookAsync(ApiServer node)
    {
        var (entries, _) = await node.Services.GetRequiredService<AuditTrail>().ListAsync(1, CancellationToken.None);
        var actions = entries.Reverse().Select(entry => entry.Event.Action).ToList();
        var sessions = await node.Services.GetRequiredService<RecordsDatabase>().ReadAsync(
            session => session.ScalarAsync<long>("SELECT count(*) FROM session"), CancellationToken.None);
        sessions.Should().Be(actions.Count(action => action == "session.begin") - actions.Count(action => action == "session.end"));
        return actions;
    }
}
