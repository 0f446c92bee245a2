using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.Oss;
using OssProxy.Core.Storage;

namespace OssProxy.Tests.Oss;

/// <summary>Credentials that end while the client lives.</summary>
public sealed class OssCredentialsSourceSpecs
{
    private static readonly ObjectKey Key = ObjectKey.Parse("images/a.jpg");

    [Fact]
    public async Task Every_request_and_every_URL_is_signed_with_what_the_source_gives_then()
    {
        await using var store = new RawStore(e => e.ReplyAsync(204));
        var source = new Numbered();
        using var client = Client(store, source);

        await client.Objects.DeleteAsync(Key, CancellationToken.None);
        source.Current++;
        await client.Objects.DeleteAsync(Key, CancellationToken.None);
        var url = await client.Presigner.SignAsync(HttpMethod.Get, Key, TimeSpan.FromHours(1), terms: null, CancellationToken.None);

        store.Exchanges.Select(e => e.Headers["x-oss-security-token"]).Should().Equal("token-1", "token-2");
        store.Exchanges[1].Headers["Authorization"].Should().Contain("Credential=STS.2/");
        url.Query.Should().Contain("x-oss-security-token=token-2");
    }

    [Theory]
    [InlineData("InvalidAccessKeyId")]
    [InlineData("SecurityTokenExpired")]
    [InlineData("InvalidSecurityToken")]
    public async Task A_request_refused_for_outdated_credentials_is_repeated_with_others(string code)
    {
        await using var store = new RawStore(async e =>
        {
            if (e.Number > 1)
            {
                await e.AcknowledgeAsync();
                return;
            }

            await e.ReadBodyAsync();
            await e.RefuseAsync(403, code);
        });
        var source = new Numbered();
        using var client = Client(store, source);
        await client.Objects.PutAsync(Key, new MemoryStream("hi"u8.ToArray()), null, new OssObjectSettings(), CancellationToken.None);

        store.Exchanges.Select(e => e.Headers["x-oss-security-token"]).Should().Equal("token-1", "token-2");
        source.Discarded.Should().Equal("STS.1");
    }

    [Fact]
    public async Task A_store_that_refuses_fresh_credentials_too_is_not_asked_a_third_time()
    {
        await using var store = new RawStore(e => e.RefuseAsync(403, "SecurityTokenExpired"));
        var source = new Numbered();
        using var client = Client(store, source, attempts: 5);
        var delete = () => client.Objects.DeleteAsync(Key, CancellationToken.None);

        (await delete.Should().ThrowAsync<OssException>()).Which.Code.Should().Be("SecurityTokenExpired");
        store.Exchanges.Should().HaveCount(2);
    }

    [Fact]
    public async Task A_body_that_cannot_be_sent_again_fails_and_the_next_request_has_other_credentials()
    {
        await using var store = new RawStore(async e =>
        {
            await e.ReadBodyAsync();
            if (e.Number == 1)
                await e.RefuseAsync(403, "SecurityTokenExpired");
            else
                await e.ReplyAsync(204);
        });
        using var client = Client(store, new Numbered());
        var put = () => client.Objects.PutAsync(Key, new ScriptedBody(ScriptedBody.Text("hi")), null, new OssObjectSettings(), CancellationToken.None);

        (await put.Should().ThrowAsync<OssException>()).Which.Code.Should().Be("SecurityTokenExpired");
        await client.Objects.DeleteAsync(Key, CancellationToken.None);
        store.Exchanges[1].Headers["x-oss-security-token"].Should().Be("token-2");
    }

    [Fact]
    public async Task A_permanent_key_that_is_refused_is_not_tried_again()
    {
        await using var store = new RawStore(e => e.RefuseAsync(403, "InvalidAccessKeyId"));
        using var client = Client(store, source: null);
        var delete = () => client.Objects.DeleteAsync(Key, CancellationToken.None);

        await delete.Should().ThrowAsync<OssException>();
        store.Exchanges.Should().ContainSingle();
    }

    [Theory]
    [InlineData(OssTransportError.CredentialsRefused, StoreError.StoreAccessDenied)]
    [InlineData(OssTransportError.CredentialsUnavailable, StoreError.StoreUnreachable)]
    public async Task Without_credentials_nothing_is_sent_and_nothing_can_be_stored(OssTransportError error, StoreError told)
    {
        await using var store = new RawStore(e => e.ReplyAsync(204));
        using var client = Client(store, new Numbered { Failure = error });
        var head = () => new OssObjectStore(client).HeadAsync(Key, CancellationToken.None);

        (await head.Should().ThrowAsync<StoreException>()).Which.Should().BeEquivalentTo(new { Error = told, MayBeStored = false });
        store.Exchanges.Should().BeEmpty();
    }

    [Fact]
    public async Task A_key_of_the_configuration_is_at_hand()
    {
        var key = new OssKey(new OssCredentials("id", "secret", null));
        var asked = key.GetAsync(CancellationToken.None);

        asked.IsCompletedSuccessfully.Should().BeTrue();
        (await asked).ExpiresAt.Should().BeNull();
        key.Discard(await key.GetAsync(CancellationToken.None)).Should().BeFalse();
    }

    private static OssClient Client(RawStore store, IOssCredentialsSource? source, int attempts = 3) => new(
        store.Options(options => options.Attempts = attempts), TimeProvider.System, NullLogger<OssClient>.Instance, credentials: source);

    private sealed class Numbered : IOssCredentialsSource
    {
        public int Current { get; set; } = 1;

        public List<string> Discarded { get; } = [];

        public OssTransportError? Failure { get; init; }

        public ValueTask<OssCredentials> GetAsync(CancellationToken cancellationToken) => Failure is { } failure
            ? throw new OssTransportException(failure, "words")
            : new(new OssCredentials($"STS.{Current}", $"secret-{Current}", $"token-{Current}"));

        public bool Discard(OssCredentials refused)
        {
            Discarded.Add(refused.AccessKeyId);
            Current++;
            return true;
        }
    }
}
