using OssProxy.Core.Records;
using OssProxy.Core.Storage;
using OssProxy.Tests.Records;

namespace OssProxy.Tests.Reconciliation;

/// <summary>The duties of <see cref="StaleClaims"/>, proved for every database.</summary>
public abstract class StaleClaimsSpecs(TestDatabase bed) : IAsyncLifetime
{
    private LeaseHold _hold = null!;
    private StaleClaims _claims = null!;

    protected TestDatabase Bed => bed;

    public async Task InitializeAsync()
    {
        await bed.StartAsync();
        _hold = (await new Leases(bed.Database, TimeSpan.FromSeconds(30), bed.Clock).TryAcquireAsync("work", "one", bed.Deadline))!;
        _claims = new StaleClaims(bed.Database, bed.Clock);
    }

    public async Task DisposeAsync() => await bed.DisposeAsync();

    [Fact]
    public async Task Claims_of_any_node_are_found_by_their_age_and_nothing_else_is()
    {
        var old = await PendingAsync("images/old.jpg", TimeSpan.FromHours(13));
        var others = await PendingAsync("images/others.jpg", TimeSpan.FromHours(14), node: "node-b");
        await PendingAsync("images/young.jpg", TimeSpan.FromHours(11));
        await bed.ImageAsync("images/stored.jpg", age: TimeSpan.FromHours(20));

        var found = await OldAsync();

        found.Should().Equal(
            new StaleClaim(old, "oss", ObjectKey.Parse("images/old.jpg"), "node-a", ""),
            new StaleClaim(others, "oss", ObjectKey.Parse("images/others.jpg"), "node-b", ""));
        (await _claims.OlderAsync(WorkShare.Everything, TimeSpan.FromHours(12), old, 10, bed.Deadline)).Should().ContainSingle();
    }

    [Fact]
    public async Task A_disks_claims_are_its_nodes()
    {
        await PendingAsync("a.jpg", TimeSpan.FromHours(13), store: "local");
        await PendingAsync("b.jpg", TimeSpan.FromHours(13), node: "node-b", store: "local");
        await PendingAsync("c.jpg", TimeSpan.FromHours(13), node: "node-b");

        (await KeysAsync(WorkShare.SharedStores)).Should().Equal("c.jpg");
        (await KeysAsync(WorkShare.DiskOf("node-a"))).Should().Equal("a.jpg");
    }

    [Fact]
    public async Task A_claim_is_released_finished_or_condemned()
    {
        foreach (var path in new[] { "images/1.jpg", "images/2.jpg", "images/3.jpg" })
            await PendingAsync(path, TimeSpan.FromHours(13));
        var old = await OldAsync();

        (await _claims.ReleaseAsync(_hold, old[0], bed.Deadline)).Should().BeTrue();
        (await _claims.FinishAsync(_hold, old[1], Found(old[1]), bed.Deadline)).Should().BeTrue();
        (await _claims.CondemnAsync(_hold, old[2], bed.Deadline)).Should().BeTrue();

        (await bed.ImagesAsync()).Should().Be(2);
        (await bed.CountAsync("""
            SELECT count(*) FROM image WHERE path = 'images/2.jpg' AND state = 'stored' AND size = 7 AND crc64 = '18446744073709551615'
                AND image_class_id = 0 AND deleted_at IS NULL
            """)).Should().Be(1);
        (await bed.CountAsync("SELECT count(*) FROM image WHERE path = 'images/3.jpg' AND deleted_at IS NOT NULL")).Should().Be(1);
        (await new DeletionQueue(bed.Database, bed.Clock).DueAsync(WorkShare.Everything, 10, bed.Deadline))
            .Should().ContainSingle().Which.Path.Should().Be("images/3.jpg");
        (await bed.RestoreAsync(old[2].Id)).Should().BeFalse("nobody has been told of it");
        (await OldAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task A_claim_that_ended_meanwhile_is_left_as_it_is()
    {
        await PendingAsync("images/1.jpg", TimeSpan.FromHours(13));
        var old = (await OldAsync()).Single();
        await bed.RunAsync("UPDATE image SET state = 'stored', size = 5");

        (await _claims.ReleaseAsync(_hold, old, bed.Deadline)).Should().BeFalse();
        (await _claims.FinishAsync(_hold, old, Found(old), bed.Deadline)).Should().BeFalse();
        (await _claims.CondemnAsync(_hold, old, bed.Deadline)).Should().BeFalse();

        (await bed.CountAsync("SELECT count(*) FROM image WHERE state = 'stored' AND size = 5 AND deleted_at IS NULL")).Should().Be(1);
        (await bed.EntriesAsync()).Should().Be(0);
    }

    [Fact]
    public async Task Without_the_lease_nothing_is_written()
    {
        await PendingAsync("images/1.jpg", TimeSpan.FromHours(13));
        var old = (await OldAsync()).Single();
        await bed.PassAsync(TimeSpan.FromSeconds(31));

        (await _claims.ReleaseAsync(_hold, old, bed.Deadline)).Should().BeFalse();
        (await _claims.FinishAsync(_hold, old, Found(old), bed.Deadline)).Should().BeFalse();
        (await _claims.CondemnAsync(_hold, old, bed.Deadline)).Should().BeFalse();

        (await bed.CountAsync("SELECT count(*) FROM image WHERE state = 'pending'")).Should().Be(1);
        (await bed.EntriesAsync()).Should().Be(0);
    }

    [Fact]
    public async Task A_key_that_is_another_rows_is_known()
    {
        await PendingAsync("images/1.jpg", TimeSpan.FromHours(13));
        var old = (await OldAsync()).Single();
        (await _claims.IsKeyOfAnotherAsync(old, bed.Deadline)).Should().BeFalse();

        await bed.ImageAsync("images/1.jpg");

        (await _claims.IsKeyOfAnotherAsync(old, bed.Deadline)).Should().BeTrue();
    }

    /// <summary>Claims as an upload does, then lets the row age.</summary>
    protected virtual Task<long> PendingAsync(string path, TimeSpan age, string node = "node-a", string store = "oss") =>
        bed.ImageAsync(path, "pending", store, node, size: null, age: age);

    private static StoredObject Found(StaleClaim claim) => new(claim.Key!, 7, "image/jpeg", null, ulong.MaxValue, null);

    private Task<IReadOnlyList<StaleClaim>> OldAsync() =>
        _claims.OlderAsync(WorkShare.Everything, TimeSpan.FromHours(12), 0, 100, bed.Deadline);

    private async Task<IEnumerable<string>> KeysAsync(WorkShare share) =>
        (await _claims.OlderAsync(share, TimeSpan.FromHours(12), 0, 100, bed.Deadline)).Select(claim => claim.Key!.Value);
}

public sealed class SqliteStaleClaimsSpecs() : StaleClaimsSpecs(new SqliteTestDatabase());

[Collection(PostgresCollection.Name)]
public sealed class PostgresStaleClaimsSpecs(PostgresServer server) : StaleClaimsSpecs(new PostgresTestDatabase(server))
{
    private readonly PostgresServer _server = server;

    [Fact]
    public async Task A_claim_of_a_node_whose_clock_is_hours_behind_is_as_old_as_it_is()
    {
        await using var bed = new PostgresTestDatabase(_server);
        await bed.StartAsync();
        var behind = new Clock(TimeProvider.System.GetUtcNow().AddHours(-20));
        await new UploadRecords(bed.Open(behind), "node-b", behind).ClaimAsync(
            new NewUpload("oss", ObjectKey.Parse("images/1.jpg"), "", "image/jpeg", null), bed.Deadline);
        var claims = new StaleClaims(bed.Database, bed.Clock);

        (await claims.OlderAsync(WorkShare.Everything, TimeSpan.FromHours(12), 0, 10, bed.Deadline)).Should().BeEmpty();
        await bed.RunAsync("UPDATE image SET claimed_at = claimed_at - 13 * 3600000");
        (await claims.OlderAsync(WorkShare.Everything, TimeSpan.FromHours(12), 0, 10, bed.Deadline)).Should().ContainSingle();
    }

    // The column of PostgreSQL's own clock decides, not the one that nodes write.
    protected override async Task<long> PendingAsync(string path, TimeSpan age, string node = "node-a", string store = "oss")
    {
        var id = await base.PendingAsync(path, age, node, store);
        await Bed.RunAsync("UPDATE image SET claimed_at = create_time WHERE id = @id", new { id });
        return id;
    }
}
