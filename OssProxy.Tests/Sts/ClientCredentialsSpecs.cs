using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.Oss;
using OssProxy.Core.Sts;

namespace OssProxy.Tests.Sts;

public sealed class ClientCredentialsSpecs : IAsyncLifetime
{
    private readonly StsImitation _sts = new();
    private readonly Clock _clock = new();

    public Task InitializeAsync()
    {
        _sts.Time = _clock;
        return _sts.StartAsync();
    }

    public Task DisposeAsync() => _sts.DisposeAsync().AsTask();

    [Fact]
    public async Task A_caller_who_asks_again_is_given_the_same_until_they_are_old()
    {
        using var house = House();
        var first = await AskAsync(house, "u1", "images/u1/");
        (await AskAsync(house, "u1", "images/u1/")).Should().BeSameAs(first);
        _clock.Advance(TimeSpan.FromMinutes(10));
        var second = await AskAsync(house, "u1", "images/u1/");

        second.Should().NotBeSameAs(first);
        second.ExpiresAt.Should().Be(_clock.GetUtcNow().AddMinutes(15));
        _sts.Given.Should().Be(2);
    }

    [Fact]
    public async Task Two_callers_never_share_though_they_may_do_the_same()
    {
        using var house = House();
        var one = await AskAsync(house, "u1", "images/common/");
        var other = await AskAsync(house, "u2", "images/common/");

        other.Credentials.AccessKeyId.Should().NotBe(one.Credentials.AccessKeyId);
        (await AskAsync(house, "u1", "images/common/")).Should().BeSameAs(one);
        (await AskAsync(house, "u2", "images/common/")).Should().BeSameAs(other);
    }

    [Fact]
    public async Task Other_folders_buckets_and_actions_are_other_credentials()
    {
        using var house = House();
        var ids = new List<string>
        {
            (await AskAsync(house, "u1", "images/a/")).Credentials.AccessKeyId,
            (await AskAsync(house, "u1", "images/b/")).Credentials.AccessKeyId,
            (await house.Clients.ForAsync("u1", "other", "images/a/", CancellationToken.None)).Credentials.AccessKeyId,
            (await house.Clients.ForAsync("u1", SessionPolicy.ForKey("photos", "images/a", SessionActions.Upload), CancellationToken.None)).Credentials.AccessKeyId,
            (await house.Clients.ForAsync("u1", SessionPolicy.ForPrefix("photos", "images/a/", SessionActions.Get), CancellationToken.None)).Credentials.AccessKeyId,
        };

        ids.Should().OnlyHaveUniqueItems();
        _sts.Asked.Select(asked => asked["Policy"]).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task A_hundred_requests_of_one_caller_are_one_call()
    {
        using var house = House();
        var given = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => AskAsync(house, "u1", "images/u1/")));

        given.Should().AllSatisfy(one => one.Should().BeSameAs(given[0]));
        _sts.Requests.Should().Be(1);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_kept_to_is_refused_before_STS_is_asked()
    {
        using var house = House();
        var ask = () => AskAsync(house, "u1", "images/*/");

        (await ask.Should().ThrowAsync<StsException>()).Which.Error.Should().Be(StsError.StsScopeInvalid);
        _sts.Requests.Should().Be(0);
    }

    [Fact]
    public async Task Without_a_role_nobody_is_given_any()
    {
        using var house = House(options => options.RoleArn = "");
        var ask = () => AskAsync(house, "u1", "images/u1/");

        house.Clients.IsConfigured.Should().BeFalse();
        (await ask.Should().ThrowAsync<StsException>()).Which.Error.Should().Be(StsError.StsNotConfigured);
    }

    [Fact]
    public async Task The_ones_used_last_are_kept()
    {
        var asked = new List<string>();
        var scopes = new ScopedCredentials(
            scope =>
            {
                asked.Add(scope.Caller);
                return Task.FromResult(new TemporaryCredentials($"STS.{asked.Count}", "s", "t", _clock.GetUtcNow() + scope.Duration));
            },
            _clock, most: 3);

        foreach (var caller in new[] { "a", "b", "c", "a", "d", "a", "b" })
            await scopes.GetAsync(Scope(caller), CancellationToken.None);

        scopes.Count.Should().Be(3);
        asked.Should().Equal("a", "b", "c", "d", "b");
    }

    [Fact]
    public async Task What_has_ended_makes_room()
    {
        var scopes = new ScopedCredentials(
            scope => Task.FromResult(new TemporaryCredentials("STS.1", "s", "t", _clock.GetUtcNow() + scope.Duration)), _clock);
        foreach (var caller in new[] { "a", "b", "c" })
            await scopes.GetAsync(Scope(caller), CancellationToken.None);
        _clock.Advance(TimeSpan.FromMinutes(15));
        await scopes.GetAsync(Scope("d"), CancellationToken.None);

        scopes.Count.Should().Be(1);
    }

    private static CredentialScope Scope(string caller) =>
        new(caller, SessionPolicy.ForPrefix("photos", "images/", SessionActions.Upload), TimeSpan.FromMinutes(15));

    private static Task<TemporaryCredentials> AskAsync(Inhabited house, string caller, string prefix) =>
        house.Clients.ForAsync(caller, "photos", prefix, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20));

    private Inhabited House(Action<StsOptions>? change = null)
    {
        var options = new StsOptions { Endpoint = _sts.Address, RoleArn = StsImitation.Role };
        change?.Invoke(options);
        var client = new StsClient(
            options, "", new OssKey(new OssCredentials(StsImitation.KeyId, StsImitation.Secret, null)), _clock, NullLogger<StsClient>.Instance);
        return new Inhabited(client, new ClientCredentials(client, options, _clock));
    }

    private sealed record Inhabited(StsClient Client, ClientCredentials Clients) : IDisposable
    {
        public void Dispose() => Client.Dispose();
    }
}
