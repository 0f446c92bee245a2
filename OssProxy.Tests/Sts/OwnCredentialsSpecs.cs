using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.Oss;
using OssProxy.Core.Storage;
using OssProxy.Core.Sts;
using OssProxy.Tests.Identity;
using OssProxy.Tests.Oss;

namespace OssProxy.Tests.Sts;

/// <summary>Our own client of OSS, whose credentials end while it lives.</summary>
public sealed class OwnCredentialsSpecs : IAsyncLifetime
{
    private static readonly ObjectKey Key = ObjectKey.Parse("images/a.jpg");

    private readonly StsImitation _sts = new();
    private readonly Clock _clock = new();
    private readonly SpokenLines _spoken = new();

    public Task InitializeAsync()
    {
        _sts.Time = _clock;
        return _sts.StartAsync();
    }

    public Task DisposeAsync() => _sts.DisposeAsync().AsTask();

    [Fact]
    public async Task A_role_is_assumed_once_and_again_before_its_credentials_end()
    {
        await using var store = new RawStore(e => e.ReplyAsync(204));
        var (own, client) = House(store, options => options.Credentials = OssCredentialsKind.Role);
        using (own)
        using (client)
        {
            await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => DeleteAsync(client)));
            _clock.Advance(TimeSpan.FromMinutes(10));
            await DeleteAsync(client);
        }

        store.Exchanges.Select(e => e.Headers["x-oss-security-token"])
            .Should().Equal([.. Enumerable.Repeat(StsImitation.TokenOf(1), 20), StsImitation.TokenOf(2)]);
        store.Exchanges[^1].Headers["Authorization"].Should().Contain("Credential=STS.2/");
        _sts.Requests.Should().Be(2);
        _sts.Asked.Should().AllSatisfy(asked => asked.Should().NotContainKey("Policy"));
    }

    [Fact]
    public async Task Credentials_that_the_store_has_come_to_refuse_are_replaced_within_the_request()
    {
        await using var store = new RawStore(async e =>
        {
            if (e.Headers["x-oss-security-token"] == StsImitation.TokenOf(1) && e.Number > 1)
                await e.RefuseAsync(403, "SecurityTokenExpired");
            else
                await e.ReplyAsync(204);
        });
        var (own, client) = House(store, options => options.Credentials = OssCredentialsKind.Role);
        using (own)
        using (client)
        {
            await DeleteAsync(client);
            _clock.Advance(TimeSpan.FromMinutes(1));
            await DeleteAsync(client);
        }

        store.Exchanges.Select(e => e.Headers["x-oss-security-token"])
            .Should().Equal(StsImitation.TokenOf(1), StsImitation.TokenOf(1), StsImitation.TokenOf(2));
    }

    [Fact]
    public async Task An_outage_of_STS_is_none_of_OSS_while_the_old_ones_live_and_is_told_in_the_log()
    {
        await using var store = new RawStore(e => e.ReplyAsync(204));
        var (own, client) = House(store, options => options.Credentials = OssCredentialsKind.Role);
        using (own)
        using (client)
        {
            await DeleteAsync(client);
            _sts.Refuse(403, "NoPermission");
            _clock.Advance(TimeSpan.FromMinutes(12));
            await DeleteAsync(client);

            _sts.Refuse(403, "NoPermission");
            _clock.Advance(TimeSpan.FromMinutes(3));
            var head = () => new OssObjectStore(client).HeadAsync(Key, CancellationToken.None);
            (await head.Should().ThrowAsync<StoreException>()).Which.Should().BeEquivalentTo(
                new { Error = StoreError.StoreAccessDenied, MayBeStored = false });
        }

        store.Exchanges.Should().HaveCount(2);
        _spoken.HasSaid("No new credentials for OSS, StsDenied").Should().BeTrue();
        foreach (var secret in new[] { StsImitation.Secret, StsImitation.SecretOf(1), StsImitation.TokenOf(1) })
            _spoken.HasSaid(secret).Should().BeFalse(secret);
    }

    [Fact]
    public async Task A_machine_signs_with_its_role_and_so_does_the_request_for_its_clients()
    {
        await using var machine = new MetadataImitation { Time = _clock };
        await machine.StartAsync();
        _sts.Callers["STS.ecs1"] = ("ecs-secret-1", "ecs-token-1");
        await using var store = new RawStore(e => e.ReplyAsync(204));
        var (own, client) = House(store, options => (options.Credentials, options.MetadataUrl) = (OssCredentialsKind.Ecs, machine.Address));
        using (own)
        using (client)
        {
            await DeleteAsync(client);
            await own.Sts.AssumeRoleAsync(new RoleRequest(StsOptions.MinDuration, null), CancellationToken.None);
            _clock.Advance(TimeSpan.FromHours(6) - TimeSpan.FromMinutes(5));
            await DeleteAsync(client);
        }

        store.Exchanges.Select(e => e.Headers["x-oss-security-token"]).Should().Equal("ecs-token-1", "ecs-token-2");
        _sts.Given.Should().Be(1);
    }

    [Fact]
    public async Task STS_may_have_a_key_of_its_own()
    {
        await using var store = new RawStore(e => e.ReplyAsync(204));
        var (own, client) = House(
            store,
            options => (options.AccessKeyId, options.AccessKeySecret) = ("LTAI-OTHER", "other-secret"),
            sts => (sts.AccessKeyId, sts.AccessKeySecret) = (StsImitation.KeyId, StsImitation.Secret));
        using (own)
        using (client)
        {
            await DeleteAsync(client);
            await own.Sts.AssumeRoleAsync(new RoleRequest(StsOptions.MinDuration, null), CancellationToken.None);
        }

        store.Exchanges[0].Headers["Authorization"].Should().Contain("Credential=LTAI-OTHER/");
        _sts.Given.Should().Be(1);
    }

    private static Task DeleteAsync(OssClient client) => client.Objects.DeleteAsync(Key, CancellationToken.None).WaitAsync(RawStore.Deadline);

    private (OwnCredentials Own, OssClient Client) House(RawStore store, Action<OssOptions> change, Action<StsOptions>? changeSts = null)
    {
        var options = store.Options(oss =>
        {
            (oss.AccessKeyId, oss.AccessKeySecret) = (StsImitation.KeyId, StsImitation.Secret);
            oss.Attempts = 2;
            change(oss);
        });
        var sts = new StsOptions { Endpoint = _sts.Address, RoleArn = StsImitation.Role };
        changeSts?.Invoke(sts);
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(_spoken).SetMinimumLevel(LogLevel.Trace));
        var own = new OwnCredentials(options, sts, _ => null, _clock, loggers);
        return (own, new OssClient(options, _clock, NullLogger<OssClient>.Instance, credentials: own.Store));
    }
}
