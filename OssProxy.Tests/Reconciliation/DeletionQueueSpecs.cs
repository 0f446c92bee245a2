using OssProxy.Core.Records;
using OssProxy.Tests.Records;

namespace OssProxy.Tests.Reconciliation;

/// <summary>The duties of <see cref="DeletionQueue"/>, proved for every database.</summary>
public abstract class DeletionQueueSpecs(TestDatabase bed) : IAsyncLifetime
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(30);

    private Leases _leases = null!;
    private LeaseHold _hold = null!;
    private DeletionQueue _queue = null!;

    public async Task InitializeAsync()
    {
        await bed.StartAsync();
        _leases = new Leases(bed.Database, Duration, bed.Clock);
        _queue = new DeletionQueue(bed.Database, bed.Clock);
        _hold = (await _leases.TryAcquireAsync("work", "one", bed.Deadline))!;
    }

    public async Task DisposeAsync() => await bed.DisposeAsync();

    [Fact]
    public async Task What_is_due_comes_longest_first_and_what_is_not_does_not_come()
    {
        var second = await DeletedAsync("images/b.jpg", dueIn: TimeSpan.FromMinutes(-1));
        var first = await DeletedAsync("images/a.jpg", dueIn: TimeSpan.FromMinutes(-2));
        var later = await DeletedAsync("images/c.jpg", dueIn: TimeSpan.FromMinutes(1));

        (await DueAsync()).Should().Equal(new ObjectDeletion(first, "oss", "images/a.jpg", 0, ""), new ObjectDeletion(second, "oss", "images/b.jpg", 0, ""));
        (await _queue.DueAsync(WorkShare.Everything, 1, bed.Deadline)).Should().ContainSingle().Which.ImageId.Should().Be(first);
        (await _queue.BeginAsync(_hold, new ObjectDeletion(later, "oss", "images/c.jpg", 0, ""), bed.Deadline)).Should().BeFalse("it can still be taken back");
    }

    [Fact]
    public async Task A_deletion_ends_with_row_and_entry_gone()
    {
        var id = await DeletedAsync("images/a.jpg");
        await bed.ImageAsync("images/other.jpg");
        var due = (await DueAsync()).Single();

        (await _queue.BeginAsync(_hold, due, bed.Deadline)).Should().BeTrue();
        (await _queue.IsObjectNeededAsync(due, bed.Deadline)).Should().BeFalse();
        (await _queue.FinishAsync(_hold, due, bed.Deadline)).Should().BeTrue();

        (await bed.CountAsync("SELECT count(*) FROM image WHERE id = @id", new { id })).Should().Be(0);
        (await bed.ImagesAsync()).Should().Be(1);
        (await bed.EntriesAsync()).Should().Be(0);
    }

    [Fact]
    public async Task Who_restores_before_the_beginning_wins_and_who_comes_after_it_loses()
    {
        var early = await DeletedAsync("images/early.jpg");
        var late = await DeletedAsync("images/late.jpg");
        var due = await DueAsync();

        (await bed.RestoreAsync(early)).Should().BeTrue();
        (await _queue.BeginAsync(_hold, due.Single(one => one.ImageId == early), bed.Deadline)).Should().BeFalse();
        (await _queue.BeginAsync(_hold, due.Single(one => one.ImageId == late), bed.Deadline)).Should().BeTrue();
        (await bed.RestoreAsync(late)).Should().BeFalse();

        (await bed.CountAsync("SELECT count(*) FROM image WHERE id = @early AND deleted_at IS NULL", new { early })).Should().Be(1);
    }

    [Fact]
    public async Task What_an_earlier_holder_began_is_the_next_ones_and_the_earlier_one_can_do_nothing_more()
    {
        await DeletedAsync("images/begun.jpg");
        var begun = (await DueAsync()).Single();
        await _queue.BeginAsync(_hold, begun, bed.Deadline);
        await DeletedAsync("images/fresh.jpg");
        await bed.PassAsync(Duration);

        (await _queue.FinishAsync(_hold, begun, bed.Deadline)).Should().BeFalse("the lease has expired");
        var next = (await _leases.TryAcquireAsync("work", "two", bed.Deadline))!;
        var taken = (await DueAsync()).Single(one => one.Path == "images/begun.jpg");
        taken.Attempts.Should().Be(1);
        var fresh = (await DueAsync()).Single(one => one.Path == "images/fresh.jpg");

        (await _queue.BeginAsync(_hold, fresh, bed.Deadline)).Should().BeFalse();
        (await _queue.FinishAsync(_hold, begun, bed.Deadline)).Should().BeFalse();
        (await _queue.PostponeAsync(_hold, begun, "late", TimeSpan.Zero, 1, bed.Deadline)).Should().BeFalse();
        (await _queue.BeginAsync(next, taken, bed.Deadline)).Should().BeTrue();
        (await _queue.FinishAsync(_hold, begun, bed.Deadline)).Should().BeFalse("another has begun it");
        (await _queue.FinishAsync(next, taken, bed.Deadline)).Should().BeTrue();

        (await bed.ImagesAsync()).Should().Be(1);
        (await bed.CountAsync("SELECT count(*) FROM object_deletion WHERE state = 'queued' AND attempts = 0")).Should().Be(1);
    }

    [Theory]
    [InlineData("stored", false, true)]
    [InlineData("pending", false, true)]
    [InlineData("stored", true, true)]
    public async Task An_object_stays_while_another_row_has_its_key(string state, bool otherIsDueToo, bool needed)
    {
        await DeletedAsync("images/a.jpg");
        var due = (await DueAsync()).Single();
        var other = await bed.ImageAsync("images/a.jpg", state);
        await bed.ImageAsync("images/a.jpg", store: "local");
        await bed.ImageAsync("images/A.jpg");
        if (otherIsDueToo)
            await bed.DeleteAsync(other);

        (await _queue.IsObjectNeededAsync(due, bed.Deadline)).Should().Be(needed);
    }

    [Fact]
    public async Task An_object_stays_while_another_row_with_its_key_can_be_restored()
    {
        await DeletedAsync("images/a.jpg");
        var other = await bed.ImageAsync("images/a.jpg");
        await bed.DeleteAsync(other, dueIn: TimeSpan.FromHours(1));
        var due = (await DueAsync()).Single();

        (await _queue.IsObjectNeededAsync(due, bed.Deadline)).Should().BeTrue();
        await bed.PassAsync(TimeSpan.FromHours(2));
        (await _queue.IsObjectNeededAsync(due, bed.Deadline)).Should().BeTrue("a deletion that is due and has not begun can be taken back");
        await bed.RunAsync("UPDATE object_deletion SET state = 'running' WHERE image_id = @Id", new { Id = other });
        (await _queue.IsObjectNeededAsync(due, bed.Deadline)).Should().BeFalse();
    }

    [Fact]
    public async Task A_failure_waits_and_is_remembered_and_the_last_one_is_given_up_until_somebody_wants_it_again()
    {
        await DeletedAsync("images/a.jpg");
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            var due = (await DueAsync()).Single();
            due.Attempts.Should().Be(attempt - 1);
            await _queue.BeginAsync(_hold, due, bed.Deadline);
            (await _queue.PostponeAsync(_hold, due, new string('x', 5000) + "\0", TimeSpan.FromSeconds(20), 3, bed.Deadline)).Should().Be(attempt == 3);
            (await DueAsync()).Should().BeEmpty();
            await bed.PassAsync(TimeSpan.FromSeconds(20));
            await _leases.RenewAsync(_hold, bed.Deadline);
        }

        (await DueAsync()).Should().BeEmpty("it was given up");
        (await _queue.CountFailedAsync(bed.Deadline)).Should().Be(1);
        var failed = (await _queue.FailedAsync(0, 10, bed.Deadline)).Single();
        failed.Error.Should().HaveLength(500);
        (await bed.RestoreAsync(failed.ImageId)).Should().BeFalse("nobody knows whether the object is there");

        (await _queue.TryAgainAsync(failed.ImageId, bed.Deadline)).Should().BeTrue();
        (await _queue.TryAgainAsync(failed.ImageId, bed.Deadline)).Should().BeFalse();
        (await DueAsync()).Single().Attempts.Should().Be(0);
        (await bed.RestoreAsync(failed.ImageId)).Should().BeFalse();
    }

    [Fact]
    public async Task A_node_sees_to_its_own_disk_and_one_of_them_to_what_all_can_reach()
    {
        await DeletedAsync("images/1.jpg");
        await DeletedAsync("images/2.jpg", store: "link");
        await DeletedAsync("images/3.jpg", store: "local");
        await DeletedAsync("images/4.jpg", store: "local", node: "node-b");
        await DeletedAsync("images/5.jpg", store: "local");
        await bed.RunAsync("DELETE FROM image WHERE path = 'images/5.jpg'");

        (await PathsAsync(WorkShare.SharedStores)).Should().Equal("images/1.jpg", "images/2.jpg");
        (await PathsAsync(WorkShare.DiskOf("node-a"))).Should().Equal("images/3.jpg", "images/5.jpg");
        (await PathsAsync(WorkShare.DiskOf("node-b"))).Should().Equal("images/4.jpg", "images/5.jpg");
        (await PathsAsync(WorkShare.Everything)).Should().HaveCount(5);
    }

    private async Task<long> DeletedAsync(string path, string store = "oss", string node = "node-a", TimeSpan dueIn = default)
    {
        var id = await bed.ImageAsync(path, store: store, node: node);
        await bed.DeleteAsync(id, dueIn);
        return id;
    }

    private Task<IReadOnlyList<ObjectDeletion>> DueAsync() => _queue.DueAsync(WorkShare.Everything, 100, bed.Deadline);

    private async Task<IEnumerable<string>> PathsAsync(WorkShare share) =>
        (await _queue.DueAsync(share, 100, bed.Deadline)).Select(one => one.Path).Order(StringComparer.Ordinal);
}

public sealed class SqliteDeletionQueueSpecs() : DeletionQueueSpecs(new SqliteTestDatabase());

[Collection(PostgresCollection.Name)]
public sealed class PostgresDeletionQueueSpecs(PostgresServer server) : DeletionQueueSpecs(new PostgresTestDatabase(server));
