using OssProxy.Core.Identity;
using OssProxy.Tests.Reconciliation;
using OssProxy.Tests.Records;

namespace OssProxy.Tests.Identity;

/// <summary>What API keys promise on every database.</summary>
public abstract class ApiKeySpecs(TestDatabase bed) : IAsyncLifetime
{
    public Task InitializeAsync() => bed.StartAsync();

    public async Task DisposeAsync() => await bed.DisposeAsync();

    [Fact]
    public async Task A_key_is_told_once_and_opens_what_it_was_made_for()
    {
        var keys = Node();
        var (id, token) = await keys.CreateAsync("camera", [KeyRight.Upload], [7, 3, 7], CancellationToken.None);

        var caller = await keys.FindAsync(token, CancellationToken.None);

        caller.Should().BeEquivalentTo(new { Kind = CallerKind.Machine, Owner = $"key:{id}", Name = "camera" });
        caller.Scope!.Classes.Should().BeEquivalentTo([3L, 7L]);
        (caller.Scope.MayUpload, caller.Scope.MayAdminister(onlyReading: true)).Should().Be((true, false));
        token.Reveal().Should().MatchRegex("^opk_[A-Za-z0-9_-]{43}$");
        (await bed.CountAsync("SELECT count(*) FROM api_key WHERE token_hash = @Hash", new { Hash = token.Hash() })).Should().Be(1);
        (await keys.ListAsync(CancellationToken.None)).Single().UsedAt.Should().NotBeNull();
    }

    [Theory]
    [InlineData(KeyRight.Upload, true, false, false)]
    [InlineData(KeyRight.AdminRead, false, true, false)]
    [InlineData(KeyRight.Admin, true, true, true)]
    public async Task A_right_opens_neither_more_nor_less(KeyRight right, bool uploads, bool reads, bool changes)
    {
        var (_, token) = await Node().CreateAsync("one", [right], [], CancellationToken.None);
        var scope = (await Node().FindAsync(token, CancellationToken.None)).Scope!;

        (scope.MayUpload, scope.MayAdminister(onlyReading: true), scope.MayAdminister(onlyReading: false)).Should().Be((uploads, reads, changes));
    }

    [Fact]
    public async Task A_key_without_rights_and_classes_beside_a_consoles_right_are_refused()
    {
        await Node().Awaiting(keys => keys.CreateAsync("none", [], [], CancellationToken.None)).Should().ThrowAsync<ArgumentException>();
        await Node().Awaiting(keys => keys.CreateAsync("both", [KeyRight.Upload, KeyRight.AdminRead], [1], CancellationToken.None))
            .Should().ThrowAsync<ArgumentException>("a console's routes show every class");
        (await Node().ListAsync(CancellationToken.None)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_revoked_key_is_dead_here_at_once_and_elsewhere_within_a_second()
    {
        var (here, there) = (Node(), Node());
        var (id, token) = await here.CreateAsync("camera", [KeyRight.Upload], [], CancellationToken.None);
        await here.FindAsync(token, CancellationToken.None);
        await there.FindAsync(token, CancellationToken.None);

        (await here.RevokeAsync(id, CancellationToken.None)).Should().BeTrue();
        (await here.RevokeAsync(id, CancellationToken.None)).Should().BeFalse("it is revoked already");

        await ShouldRefuseAsync(here, token);
        await there.FindAsync(token, CancellationToken.None);
        bed.Clock.Advance(CallerCache.Lifetime);
        await ShouldRefuseAsync(there, token);
        await ShouldRefuseAsync(here, TokenShape.New(TokenShape.ApiKey));
    }

    private ApiKeys Node() => new(bed.Database, new CallerCache(bed.Clock), bed.Clock);

    private static async Task ShouldRefuseAsync(ApiKeys keys, Secret token) =>
        (await keys.Awaiting(one => one.FindAsync(token, CancellationToken.None)).Should().ThrowAsync<IdentityException>())
            .Which.Error.Should().Be(IdentityError.TokenInvalid);
}

public sealed class SqliteApiKeySpecs() : ApiKeySpecs(new SqliteTestDatabase());

[Collection(PostgresCollection.Name)]
public sealed class PostgresApiKeySpecs(PostgresServer server) : ApiKeySpecs(new PostgresTestDatabase(server));
