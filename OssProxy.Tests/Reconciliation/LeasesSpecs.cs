using OssProxy.Core.Records;
using OssProxy.Tests.Records;

namespace OssProxy.Tests.Reconciliation;

/// <summary>The duties of <see cref="Leases"/>, proved for every database.</summary>
public abstract class LeasesSpecs(TestDatabase bed) : IAsyncLifetime
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(30);

    private Leases _leases = null!;

    public async Task InitializeAsync()
    {
        await bed.StartAsync();
        _leases = new Leases(bed.Database, Duration, bed.Clock);
    }

    public async Task DisposeAsync() => await bed.DisposeAsync();

    [Fact]
    public async Task A_lease_has_one_holder_and_is_not_taken_twice()
    {
        (await AcquireAsync("one")).Should().Be(new LeaseHold("work", "one", 1));

        (await AcquireAsync("two")).Should().BeNull();
        (await AcquireAsync("one")).Should().BeNull("the same text asks twice only when two processes share it");
        (await _leases.TryAcquireAsync("other work", "two", bed.Deadline)).Should().NotBeNull();
    }

    [Fact]
    public async Task Sixty_four_that_ask_at_once_get_one_lease()
    {
        var holds = await Task.WhenAll(Enumerable.Range(0, 64).Select(number => AcquireAsync($"holder {number}")));

        holds.Should().ContainSingle(hold => hold != null);
    }

    [Fact]
    public async Task An_expired_lease_is_the_next_ones_and_its_late_holder_can_do_nothing_with_it()
    {
        var first = (await AcquireAsync("one"))!;
        await bed.PassAsync(Duration);

        (await _leases.RenewAsync(first, bed.Deadline)).Should().BeFalse("expired is expired, even while nobody else has it");
        var second = (await AcquireAsync("two"))!;

        second.Fence.Should().Be(2);
        (await _leases.RenewAsync(first, bed.Deadline)).Should().BeFalse();
        await _leases.ReleaseAsync(first, bed.Deadline);
        (await AcquireAsync("three")).Should().BeNull();
        (await _leases.RenewAsync(second, bed.Deadline)).Should().BeTrue();
    }

    [Fact]
    public async Task A_renewal_counts_from_now_on()
    {
        var hold = (await AcquireAsync("one"))!;
        await bed.PassAsync(Duration * 0.6);

        (await _leases.RenewAsync(hold, bed.Deadline)).Should().BeTrue();
        await bed.PassAsync(Duration * 0.6);

        (await AcquireAsync("two")).Should().BeNull();
    }

    [Fact]
    public async Task A_released_lease_is_free_at_once_and_its_fence_never_comes_back()
    {
        for (var fence = 1; fence <= 3; fence++)
        {
            var hold = (await AcquireAsync("one"))!;
            hold.Fence.Should().Be(fence);
            await _leases.ReleaseAsync(hold, bed.Deadline);
            (await _leases.RenewAsync(hold, bed.Deadline)).Should().BeFalse();
        }
    }

    private Task<LeaseHold?> AcquireAsync(string holder) => _leases.TryAcquireAsync("work", holder, bed.Deadline);
}

public sealed class SqliteLeasesSpecs() : LeasesSpecs(new SqliteTestDatabase());

[Collection(PostgresCollection.Name)]
public sealed class PostgresLeasesSpecs(PostgresServer server) : LeasesSpecs(new PostgresTestDatabase(server))
{
    [Fact]
    public async Task Nodes_whose_clocks_are_hours_apart_agree_on_who_has_it()
    {
        await using var bed = new PostgresTestDatabase(server);
        await bed.StartAsync();
        var now = TimeProvider.System.GetUtcNow();
        var (behind, ahead) = (Node(bed, now.AddHours(-5)), Node(bed, now.AddHours(5)));

        var hold = (await behind.TryAcquireAsync("work", "behind", bed.Deadline))!;
        (await ahead.TryAcquireAsync("work", "ahead", bed.Deadline)).Should().BeNull();
        (await behind.RenewAsync(hold, bed.Deadline)).Should().BeTrue();
        await behind.ReleaseAsync(hold, bed.Deadline);
        hold = (await ahead.TryAcquireAsync("work", "ahead", bed.Deadline))!;
        (await behind.TryAcquireAsync("work", "behind", bed.Deadline)).Should().BeNull();
        await bed.PassAsync(TimeSpan.FromSeconds(31));

        (await behind.TryAcquireAsync("work", "behind", bed.Deadline))!.Fence.Should().Be(3);
        (await ahead.RenewAsync(hold, bed.Deadline)).Should().BeFalse();
    }

    private static Leases Node(TestDatabase bed, DateTimeOffset now)
    {
        var clock = new Clock(now);
        return new Leases(bed.Open(clock), TimeSpan.FromSeconds(30), clock);
    }
}
