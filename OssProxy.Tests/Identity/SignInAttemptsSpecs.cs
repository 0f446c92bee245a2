using Microsoft.Extensions.Options;
using OssProxy.Core.Identity;
using OssProxy.Core.Records;
using OssProxy.Tests.Records;

namespace OssProxy.Tests.Identity;

/// <summary>Accounts and counted attempts, the same on both databases.</summary>
public abstract class AccountTableSpecs : IAsyncLifetime
{
    private static readonly IOptions<AuthOptions> Auth = Options.Create(new AuthOptions { LockoutFailures = 2 });
    private static readonly PlainName Li = AccountSpecs.Named("li");

    private RecordsDatabase? _database;

    protected abstract DatabasePlace Place { get; }

    internal RecordsDatabase Database => _database!;

    public async Task InitializeAsync()
    {
        await Place.PrepareAsync(CancellationToken.None);
        _database = Place.Open();
        await _database.StartAsync(CancellationToken.None);
    }

    public async Task DisposeAsync() => await Place.DisposeAsync();

    [Fact]
    public async Task However_many_guess_at_once_no_more_are_looked_at()
    {
        var attempts = Attempts(TimeProvider.System);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => attempts.ReserveAsync(Li, "1.2.3.4", CancellationToken.None)));

        outcomes.Count(one => one.Wait is null).Should().Be(2);
        outcomes.Count(one => one.IsLast).Should().Be(1);
        outcomes.Where(one => one.Wait is not null).Should().AllSatisfy(one =>
            one.Wait!.Value.Should().BeGreaterThan(TimeSpan.FromMinutes(4)).And.BeLessThanOrEqualTo(TimeSpan.FromMinutes(5)));
    }

    [Fact]
    public async Task One_address_locks_itself_out_many_lock_the_name_and_who_succeeds_takes_back_only_their_own()
    {
        var attempts = Attempts(TimeProvider.System);
        for (var address = 0; address < 9; address++)
            await FailTwiceAsync($"10.0.0.{address}");
        (await ReserveAsync("10.0.0.0")).Wait.Should().NotBeNull();
        await FailTwiceAsync("owner");
        (await ReserveAsync("owner")).Wait.Should().NotBeNull("two of its own, and twenty of the name");
        (await ReserveAsync("fresh")).Wait.Should().NotBeNull("twenty of the name");

        await attempts.ForgetAsync(Li, "owner", CancellationToken.None);

        (await ReserveAsync("fresh")).IsLast.Should().BeFalse("nineteen, and the refusal before was given back");
        (await ReserveAsync("fresh")).IsLast.Should().BeTrue();
        (await ReserveAsync("last")).Wait.Should().NotBeNull();
        (await attempts.ReserveAsync(AccountSpecs.Named("wang"), "fresh", CancellationToken.None)).Wait.Should().BeNull();

        Task<AttemptOutcome> ReserveAsync(string address) => attempts.ReserveAsync(Li, address, CancellationToken.None);
        async Task FailTwiceAsync(string address)
        {
            (await ReserveAsync(address)).Wait.Should().BeNull();
            (await ReserveAsync(address)).Wait.Should().BeNull();
        }
    }

    [Fact]
    public async Task Accounts_are_told_apart_without_regard_to_case_and_lose_their_sessions_with_their_rights()
    {
        var cache = new CallerCache(TimeProvider.System);
        var sessions = new Sessions(Database, Auth, cache, TimeProvider.System);
        var accounts = new Accounts(Database, sessions, TimeProvider.System);
        var id = (await accounts.CreateAsync(AccountSpecs.Named("Li"), new Secret("a hash"), CancellationToken.None))!.Value;
        (await accounts.CreateAsync(Li, new Secret("another"), CancellationToken.None)).Should().BeNull();

        await AfterAsync(() => accounts.SetPasswordAsync(id, new Secret("b hash"), CancellationToken.None));
        await accounts.RehashAsync(id, new Secret("a hash"), new Secret("stale"), CancellationToken.None);
        (await accounts.FindAsync(Li, CancellationToken.None))!.Value.Hash.Reveal().Should().Be("b hash", "it was changed since");
        await AfterAsync(() => accounts.DisableAsync(id, CancellationToken.None));
        (await accounts.ListAsync(CancellationToken.None)).Should().ContainSingle().Which.IsEnabled.Should().BeFalse();
        (await accounts.DisableAsync(id, CancellationToken.None)).Should().BeFalse("it is already");
        (await accounts.EnableAsync(id, CancellationToken.None)).Should().BeTrue();
        (await accounts.EnableAsync(id, CancellationToken.None)).Should().BeFalse("it is already");
        await AfterAsync(() => accounts.DeleteAsync(id, CancellationToken.None));
        (await accounts.DeleteAsync(id, CancellationToken.None)).Should().BeFalse();
        (await accounts.CreateAsync(Li, new Secret("c"), CancellationToken.None)).Should().BeGreaterThan(id, "a number is given once");

        async Task AfterAsync(Func<Task<bool>> change)
        {
            await sessions.BeginAsync(SessionKind.Admin, id, "", CancellationToken.None);
            await sessions.BeginAsync(SessionKind.User, id, "", CancellationToken.None);
            (await change()).Should().BeTrue();
            (await sessions.ListAsync(SessionKind.Admin, id, CancellationToken.None)).Should().BeEmpty();
            (await sessions.EndOthersAsync(SessionKind.User, id, 0, CancellationToken.None)).Should().Be(1, "another's with the same number");
        }
    }

    internal SignInAttempts Attempts(TimeProvider time) => new(Database, Auth, time);
}

public sealed class SqliteAccountTableSpecs : AccountTableSpecs
{
    protected override DatabasePlace Place { get; } = new SqlitePlace();

    [Fact]
    public async Task A_lock_ends_by_itself_and_is_not_prolonged_by_what_it_refuses()
    {
        var clock = new Clock();
        var attempts = Attempts(clock);
        var name = AccountSpecs.Named("li");
        await attempts.ReserveAsync(name, "here", CancellationToken.None);
        await attempts.ReserveAsync(name, "here", CancellationToken.None);

        clock.Advance(TimeSpan.FromMinutes(4));
        (await attempts.ReserveAsync(name, "here", CancellationToken.None)).Wait.Should().Be(TimeSpan.FromMinutes(1));
        clock.Advance(TimeSpan.FromMinutes(1));
        (await attempts.ReserveAsync(name, "here", CancellationToken.None)).Should().Be(new AttemptOutcome(null, IsLast: false));
    }
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresAccountTableSpecs(PostgresServer server) : AccountTableSpecs
{
    protected override DatabasePlace Place { get; } = new PostgresPlace(server);
}
