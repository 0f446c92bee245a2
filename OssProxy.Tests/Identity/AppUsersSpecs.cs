using Microsoft.Extensions.Options;
using OssProxy.Core.Identity;
using OssProxy.Core.Records;
using OssProxy.Tests.Reconciliation;
using OssProxy.Tests.Records;

namespace OssProxy.Tests.Identity;

/// <summary>The duties of <see cref="AppUsers"/>, proved for every database.</summary>
public abstract class AppUsersSpecs(TestDatabase bed) : IAsyncLifetime
{
    private AppUsers _users = null!;
    private Sessions _sessions = null!;

    /// <summary>Two nodes of one deployment, or the one that SQLite has.</summary>
    protected virtual RecordsDatabase SecondNode => bed.Database;

    public async Task InitializeAsync()
    {
        await bed.StartAsync();
        (_users, _sessions) = Node(bed.Database);
    }

    public async Task DisposeAsync() => await bed.DisposeAsync();

    [Fact]
    public async Task First_sign_ins_at_once_make_one_user()
    {
        AppUsers[] nodes = [_users, Node(SecondNode).Users];
        foreach (var round in Enumerable.Range(0, 8))
        {
            // The same person several times on two nodes: in three apps that tell the union id, or in one that does not always.
            var apps = round % 2 == 0 ? 3 : 1;
            var tasks = Enumerable.Range(0, 24).Select(number => nodes[number % 2].SignInAsync(
                Wechat($"wx{number % apps}", $"o{round}", apps == 1 && number % 3 == 0 ? null : $"u{round}"), bed.Deadline));
            var ids = (await Task.WhenAll(tasks)).Select(user => user.Id).Distinct().ToList();

            ids.Should().ContainSingle();
            (await bed.CountAsync("SELECT count(*) FROM app_user")).Should().Be(round + 1, "who loses takes back what it made");
            (await bed.CountAsync("SELECT count(*) FROM user_identity WHERE user_id = @Id", new { Id = ids[0] })).Should().Be(apps);
            (await bed.CountAsync("SELECT count(*) FROM user_union WHERE user_id = @Id", new { Id = ids[0] })).Should().Be(1);
        }
    }

    [Fact]
    public async Task A_union_id_that_comes_later_is_kept_and_links_from_then_on()
    {
        var one = await _users.SignInAsync(Wechat("wx1", "o1"), bed.Deadline);
        (await _users.SignInAsync(Wechat("wx1", "o1", "u1"), bed.Deadline)).Id.Should().Be(one.Id);

        (await _users.SignInAsync(Wechat("wx2", "o2", "u1"), bed.Deadline)).Id.Should().Be(one.Id);
    }

    [Fact]
    public async Task A_user_is_disabled_together_with_the_sessions_or_not_at_all()
    {
        var user = await _users.SignInAsync(Wechat("wx1", "o1"), bed.Deadline);
        var grant = await _sessions.BeginAsync(SessionKind.User, user.Id, "", bed.Deadline);
        await bed.RunAsync("ALTER TABLE session RENAME TO away");

        await _users.Awaiting(users => users.SetStatusAsync(user.Id, enabled: false, bed.Deadline)).Should().ThrowAsync<RecordsException>();

        await bed.RunAsync("ALTER TABLE away RENAME TO session");
        (await _users.FindAsync(user.Id, bed.Deadline))!.IsDisabled.Should().BeFalse();
        (await _sessions.FindAsync(grant.Token, bed.Deadline)).Owner.Should().Be($"user:{user.Id}");
        (await _users.SetStatusAsync(user.Id, enabled: false, bed.Deadline)).Should().BeTrue("whoever comes again does it, and it is written down");
        (await bed.CountAsync("SELECT count(*) FROM session")).Should().Be(0);
    }

    [Fact]
    public async Task Two_users_who_exist_are_never_made_one()
    {
        var one = await _users.SignInAsync(Wechat("wx1", "o1", "u1"), bed.Deadline);
        var other = await _users.SignInAsync(Wechat("wx2", "o2"), bed.Deadline);

        (await _users.SignInAsync(Wechat("wx2", "o2", "u1"), bed.Deadline)).Id.Should().Be(other.Id).And.NotBe(one.Id);
        (await _users.SignInAsync(Wechat("wx1", "o1", "u1"), bed.Deadline)).Id.Should().Be(one.Id);
        (await _users.SignInAsync(Wechat("wx3", "o3", "u1"), bed.Deadline)).Id.Should().Be(one.Id);
    }

    [Fact]
    public async Task Ids_mean_something_only_in_their_app_and_their_provider()
    {
        MiniappIdentity[] identities =
        [
            Wechat("wx1", "o"), Wechat("wx2", "o"), new("douyin", "wx1", "o", null), new("douyin", "wx2", "o2", "u"), Wechat("wx1", "u", "u"), Wechat("wx1", "O"),
        ];
        var ids = new List<long>();
        foreach (var identity in identities)
            ids.Add((await _users.SignInAsync(identity, bed.Deadline)).Id);

        ids.Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task A_disabled_user_is_out_at_once_and_signs_in_anew_when_enabled()
    {
        var user = await _users.SignInAsync(Wechat("wx1", "o1", "u1"), bed.Deadline);
        var grant = await _sessions.BeginAsync(SessionKind.User, user.Id, "", bed.Deadline);
        (await _sessions.FindAsync(grant.Token, bed.Deadline)).Owner.Should().Be($"user:{user.Id}");

        await _users.SetStatusAsync(user.Id, enabled: false, bed.Deadline);
        await _users.SetStatusAsync(user.Id, enabled: false, bed.Deadline);

        (await ErrorAsync(() => _sessions.FindAsync(grant.Token, bed.Deadline))).Should().Be(IdentityError.TokenInvalid, "it has ended");
        (await ErrorAsync(() => _users.SignInAsync(Wechat("wx1", "o1"), bed.Deadline))).Should().Be(IdentityError.UserDisabled);
        (await ErrorAsync(() => _users.SignInAsync(Wechat("wx2", "o2", "u1"), bed.Deadline))).Should().Be(
            IdentityError.UserDisabled, "another app is no way around");
        (await _users.FindAsync(user.Id, bed.Deadline))!.IsDisabled.Should().BeTrue();

        await _users.SetStatusAsync(user.Id, enabled: true, bed.Deadline);
        (await _users.SignInAsync(Wechat("wx1", "o1"), bed.Deadline)).Id.Should().Be(user.Id);
        (await ErrorAsync(() => _users.SetStatusAsync(user.Id + 1, enabled: false, bed.Deadline))).Should().Be(IdentityError.UserNotFound);
    }

    [Fact]
    public async Task Users_are_listed_by_pages_the_newest_first()
    {
        foreach (var number in Enumerable.Range(1, 5))
            await _users.SignInAsync(Wechat("wx1", $"o{number}", "union" + number), bed.Deadline);
        await _users.SignInAsync(Wechat("wx2", "p4", "union4"), bed.Deadline);
        var both = (await _users.SignInAsync(Wechat("wx1", "o4"), bed.Deadline)).Id;
        await bed.RunAsync("INSERT INTO user_identity VALUES ('alipay', 'a', 'x', @Id, 0)", new { Id = both });

        var (page, total) = await _users.ListAsync(1, 2, bed.Deadline);

        total.Should().Be(5);
        page.Should().HaveCount(2).And.BeInDescendingOrder(user => user.Id);
        page[0].Providers.Should().Equal("wechat");
        page[1].Id.Should().Be(both);
        page[1].Providers.Should().Equal("alipay", "wechat");
        (await _users.FindAsync(both, bed.Deadline)).Should().BeEquivalentTo(page[1]);
        (await _users.ListAsync(3, 2, bed.Deadline)).Users.Should().ContainSingle();
        (await _users.ListAsync(4, 2, bed.Deadline)).Users.Should().BeEmpty();
        (await _users.FindAsync(999, bed.Deadline)).Should().BeNull();
    }

    private static MiniappIdentity Wechat(string app, string openId, string? unionId = null) => new("wechat", app, openId, unionId);

    private (AppUsers Users, Sessions Sessions) Node(RecordsDatabase database)
    {
        var sessions = new Sessions(database, Options.Create(new AuthOptions()), new CallerCache(bed.Clock), bed.Clock);
        return (new AppUsers(database, sessions, bed.Clock), sessions);
    }

    private static async Task<IdentityError> ErrorAsync(Func<Task> deed) => (await deed.Should().ThrowAsync<IdentityException>()).Which.Error;
}

public sealed class SqliteAppUsersSpecs() : AppUsersSpecs(new SqliteTestDatabase());

[Collection(PostgresCollection.Name)]
public sealed class PostgresAppUsersSpecs : AppUsersSpecs
{
    private readonly PostgresTestDatabase _bed;

    public PostgresAppUsersSpecs(PostgresServer server)
        : this(new PostgresTestDatabase(server))
    {
    }

    private PostgresAppUsersSpecs(PostgresTestDatabase bed)
        : base(bed) => _bed = bed;

    protected override RecordsDatabase SecondNode => _bed.Open(_bed.Clock);
}
