using Microsoft.Extensions.Options;
using OssProxy.Core.Identity;
using OssProxy.Core.Records;
using OssProxy.Tests.Reconciliation;
using OssProxy.Tests.Records;

namespace OssProxy.Tests.Identity;

/// <summary>What sessions promise on every database. Time passes by moving the rows back, because PostgreSQL has a clock of its own.</summary>
public abstract class SessionSpecs(TestDatabase bed) : IAsyncLifetime
{
    private readonly AuthOptions _options = new();

    public Task InitializeAsync() => bed.StartAsync();

    public async Task DisposeAsync() => await bed.DisposeAsync();

    [Fact]
    public async Task A_token_stands_for_its_user_and_is_kept_nowhere()
    {
        var user = await NewUserAsync("小李");
        var grant = await Node().BeginAsync(SessionKind.User, user, "phone", CancellationToken.None);

        var caller = await Node().FindAsync(grant.Token, CancellationToken.None);

        caller.Should().BeEquivalentTo(new { Kind = CallerKind.User, Owner = $"user:{user}", Name = "小李" });
        caller.Session!.Id.Should().Be(grant.Session.Id);
        grant.Token.Reveal().Should().MatchRegex("^ops_[A-Za-z0-9_-]{43}$");
        (await CountAsync($"token_hash = '{grant.Token.Hash()}'")).Should().Be(1);
        (await CountAsync($"token_hash LIKE '%{grant.Token.Reveal()[4..]}%'")).Should().Be(0);
    }

    [Fact]
    public async Task Two_tokens_have_nothing_in_common()
    {
        var user = await NewUserAsync();
        var one = (await Node().BeginAsync(SessionKind.User, user, "", CancellationToken.None)).Token.Reveal();
        var other = (await Node().BeginAsync(SessionKind.User, user, "", CancellationToken.None)).Token.Reveal();

        one.Skip(4).Zip(other.Skip(4)).Count(pair => pair.First == pair.Second).Should().BeLessThan(12);
    }

    [Fact]
    public async Task An_unknown_an_ended_an_expired_and_a_disabled_one_are_told_apart()
    {
        var node = Node();
        var user = await NewUserAsync();
        var ended = await node.BeginAsync(SessionKind.User, user, "a", CancellationToken.None);
        var expired = await node.BeginAsync(SessionKind.User, user, "b", CancellationToken.None);
        var disabled = await node.BeginAsync(SessionKind.User, await NewUserAsync(status: 0), "c", CancellationToken.None);
        var orphan = await node.BeginAsync(SessionKind.User, 1_000_000, "d", CancellationToken.None);
        (await node.EndAsync(SessionKind.User, user, ended.Session.Id, CancellationToken.None)).Should().BeTrue();
        await bed.RunAsync($"UPDATE session SET expires_at = used_at - 1 WHERE id = {expired.Session.Id}");

        await ShouldRefuseAsync(node, TokenShape.New(TokenShape.Session), IdentityError.TokenInvalid);
        await ShouldRefuseAsync(node, ended.Token, IdentityError.TokenInvalid);
        await ShouldRefuseAsync(node, expired.Token, IdentityError.TokenExpired);
        await ShouldRefuseAsync(node, disabled.Token, IdentityError.UserDisabled);
        await ShouldRefuseAsync(node, orphan.Token, IdentityError.UserDisabled);
        (await CountAsync($"id = {expired.Session.Id} AND expires_at < used_at")).Should().Be(1, "looking at it does not bring it back");
    }

    [Fact]
    public async Task Use_prolongs_a_session_when_it_adds_something_and_costs_no_write_otherwise()
    {
        var grant = await Node().BeginAsync(SessionKind.User, await NewUserAsync(), "", CancellationToken.None);
        await bed.RunAsync("UPDATE session SET used_at = used_at - 60000, expires_at = expires_at - 60000");
        await Node().FindAsync(grant.Token, CancellationToken.None);
        (await CountAsync("used_at BETWEEN create_time - 60000 AND create_time - 59000")).Should().Be(1, "a minute of thirty days is not worth a write");

        await bed.RunAsync("UPDATE session SET used_at = used_at - 86400000, expires_at = expires_at - 86400000");
        await Node().FindAsync(grant.Token, CancellationToken.None);
        (await CountAsync("used_at >= create_time AND expires_at BETWEEN used_at + 2592000000 AND used_at + 2592001000")).Should().Be(1);
    }

    [Fact]
    public async Task A_device_has_one_session_of_a_user_and_nobody_elses_ends_with_it()
    {
        var node = Node();
        var (user, other) = (await NewUserAsync(), await NewUserAsync());
        var first = await node.BeginAsync(SessionKind.User, user, "phone", CancellationToken.None);
        var tablet = await node.BeginAsync(SessionKind.User, user, "tablet", CancellationToken.None);
        var nameless = await node.BeginAsync(SessionKind.User, user, "", CancellationToken.None);
        var neighbour = await node.BeginAsync(SessionKind.User, other, "phone", CancellationToken.None);
        await node.FindAsync(first.Token, CancellationToken.None);

        (await node.BeginAsync(SessionKind.User, user, "phone", CancellationToken.None)).Ended.Should().Equal(first.Session.Id);
        (await node.BeginAsync(SessionKind.User, user, "", CancellationToken.None)).Ended.Should().BeEmpty();

        await ShouldRefuseAsync(node, first.Token, IdentityError.TokenInvalid);
        foreach (var alive in new[] { tablet, nameless, neighbour })
            await node.FindAsync(alive.Token, CancellationToken.None);
    }

    [Fact]
    public async Task Many_sessions_on_one_device_are_kept_where_the_deployment_says_so_and_always_for_guests()
    {
        _options.OneSessionPerDevice = false;
        var user = await NewUserAsync();
        var one = await Node().BeginAsync(SessionKind.User, user, "phone", CancellationToken.None);
        await Node().BeginAsync(SessionKind.User, user, "phone", CancellationToken.None);
        await Node().FindAsync(one.Token, CancellationToken.None);

        // Anybody can claim a guest's device.
        _options.OneSessionPerDevice = true;
        var guest = await Node().BeginAsync(SessionKind.Guest, 0, "phone", CancellationToken.None);
        await Node().BeginAsync(SessionKind.Guest, 0, "phone", CancellationToken.None);
        (await Node().FindAsync(guest.Token, CancellationToken.None)).Owner.Should().Be("guest:phone");
    }

    [Fact]
    public async Task A_user_has_a_hundred_sessions_at_most_and_loses_the_one_unused_for_longest()
    {
        var node = Node();
        var user = await NewUserAsync();
        var first = await node.BeginAsync(SessionKind.User, user, "", CancellationToken.None);
        var second = await node.BeginAsync(SessionKind.User, user, "", CancellationToken.None);
        await bed.RunAsync("UPDATE session SET used_at = used_at - 1000");
        await bed.RunAsync($"UPDATE session SET used_at = used_at - 1000 WHERE id = {second.Session.Id}");
        for (var i = 2; i <= Sessions.MostOfOne; i++)
            await node.BeginAsync(SessionKind.User, user, "", CancellationToken.None);

        (await node.ListAsync(SessionKind.User, user, CancellationToken.None)).Should().HaveCount(Sessions.MostOfOne);
        await node.FindAsync(first.Token, CancellationToken.None);
        await ShouldRefuseAsync(node, second.Token, IdentityError.TokenInvalid);
    }

    [Fact]
    public async Task A_user_sees_and_ends_sessions_of_their_own_only()
    {
        var node = Node();
        var (user, other) = (await NewUserAsync(), await NewUserAsync());
        var mine = await node.BeginAsync(SessionKind.User, user, "phone", CancellationToken.None);
        var tablet = await node.BeginAsync(SessionKind.User, user, "tablet", CancellationToken.None);
        var theirs = await node.BeginAsync(SessionKind.User, other, "phone", CancellationToken.None);
        var admins = await node.BeginAsync(SessionKind.Admin, user, "phone", CancellationToken.None);

        (await node.ListAsync(SessionKind.User, user, CancellationToken.None)).Select(one => one.Device).Should().BeEquivalentTo("phone", "tablet");
        (await node.EndAsync(SessionKind.User, user, theirs.Session.Id, CancellationToken.None)).Should().BeFalse();
        (await node.EndAsync(SessionKind.User, user, admins.Session.Id, CancellationToken.None)).Should().BeFalse("a user's number is no account's");
        (await node.EndOthersAsync(SessionKind.User, user, mine.Session.Id, CancellationToken.None)).Should().Be(1);

        await ShouldRefuseAsync(node, tablet.Token, IdentityError.TokenInvalid);
        await node.FindAsync(mine.Token, CancellationToken.None);
        await node.FindAsync(theirs.Token, CancellationToken.None);
        (await CountAsync("1 = 1")).Should().Be(3);
    }

    [Fact]
    public async Task What_another_node_has_ended_is_believed_for_a_second_at_most_and_what_this_one_has_not_at_all()
    {
        var (here, there) = (Node(), Node());
        var user = await NewUserAsync();
        var grant = await here.BeginAsync(SessionKind.User, user, "", CancellationToken.None);
        await there.FindAsync(grant.Token, CancellationToken.None);
        await here.FindAsync(grant.Token, CancellationToken.None);

        await here.EndAsync(SessionKind.User, user, grant.Session.Id, CancellationToken.None);

        await ShouldRefuseAsync(here, grant.Token, IdentityError.TokenInvalid);
        await there.FindAsync(grant.Token, CancellationToken.None);
        bed.Clock.Advance(CallerCache.Lifetime);
        await ShouldRefuseAsync(there, grant.Token, IdentityError.TokenInvalid);
    }

    [Fact]
    public async Task An_account_is_changed_together_with_its_sessions_or_not_at_all()
    {
        var sessions = Node();
        var accounts = new Accounts(bed.Database, sessions, bed.Clock);
        PlainName.TryParse("li", out var name).Should().BeTrue();
        var id = (await accounts.CreateAsync(name!, new Secret("hash"), bed.Deadline))!.Value;
        await sessions.BeginAsync(SessionKind.Admin, id, "", bed.Deadline);
        Func<Task<bool>>[] changes =
        [
            () => accounts.SetPasswordAsync(id, new Secret("other"), bed.Deadline),
            () => accounts.DisableAsync(id, bed.Deadline),
            () => accounts.DeleteAsync(id, bed.Deadline),
        ];

        await bed.RunAsync("ALTER TABLE session RENAME TO away");
        foreach (var change in changes)
            await change.Should().ThrowAsync<RecordsException>();
        await bed.RunAsync("ALTER TABLE away RENAME TO session");

        var (account, hash) = (await accounts.FindAsync(name!, bed.Deadline))!.Value;
        (account.IsEnabled, hash.Reveal()).Should().Be((true, "hash"));
        foreach (var change in changes)
        {
            await sessions.BeginAsync(SessionKind.Admin, id, "", bed.Deadline);
            (await change()).Should().BeTrue();
            (await CountAsync("kind = 'admin'")).Should().Be(0);
        }
    }

    internal Sessions Node() => new(bed.Database, Options.Create(_options), new CallerCache(bed.Clock), bed.Clock);

    private static async Task ShouldRefuseAsync(Sessions sessions, Secret token, IdentityError error)
    {
        var refusal = await sessions.Awaiting(one => one.FindAsync(token, CancellationToken.None)).Should().ThrowAsync<IdentityException>();
        refusal.Which.Error.Should().Be(error);
    }

    internal Task<long> NewUserAsync(string name = "", int status = 1) => bed.Database.WriteAsync(
        WriteScope.Statement,
        session => session.ScalarAsync<long>(
            "INSERT INTO app_user (name, status, create_time) VALUES (@Name, @Status, 0) RETURNING id", new { Name = name, Status = status }),
        bed.Deadline);

    internal Task<long> CountAsync(string condition) => bed.CountAsync("SELECT count(*) FROM session WHERE " + condition);
}

public sealed class SqliteSessionSpecs() : SessionSpecs(new SqliteTestDatabase());

[Collection(PostgresCollection.Name)]
public sealed class PostgresSessionSpecs : SessionSpecs
{
    private readonly PostgresTestDatabase _bed;

    public PostgresSessionSpecs(PostgresServer server)
        : this(new PostgresTestDatabase(server))
    {
    }

    private PostgresSessionSpecs(PostgresTestDatabase bed)
        : base(bed) => _bed = bed;

    [Fact]
    public async Task However_many_sign_in_on_one_device_at_once_one_session_is_left_and_no_user_has_more_than_a_hundred()
    {
        // Long enough between a look and its commit for all others to look, too.
        await _bed.RunAsync("""
            CREATE FUNCTION hesitate() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.01); RETURN NEW; END';
            CREATE TRIGGER hesitate BEFORE INSERT ON session FOR EACH ROW EXECUTE FUNCTION hesitate();
            """);
        var user = await NewUserAsync();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Node().BeginAsync(SessionKind.User, user, "phone", _bed.Deadline)));
        (await CountAsync("device = 'phone'")).Should().Be(1);

        await _bed.RunAsync(
            "INSERT INTO session (token_hash, kind, subject, device, create_time, used_at, expires_at) "
            + "SELECT i, 'user', @User, '', 0, i, 9000000000000 FROM generate_series(1, 120) AS i", new { User = user });
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Node().BeginAsync(SessionKind.User, user, "", _bed.Deadline)));
        (await CountAsync("1 = 1")).Should().Be(Sessions.MostOfOne);
    }
}
