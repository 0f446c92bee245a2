using OssProxy.Core.Records;
using OssProxy.Core.Storage;

namespace OssProxy.Tests.Reconciliation;

/// <summary>What becomes of deleted images, whatever fails or stands still meanwhile.</summary>
public abstract class DeletionWorkerSpecs(StoreBed store) : AgreementBed(new SqliteTestDatabase(), store)
{
    private static readonly StoreException Failure = new(StoreError.StoreFailed, "It fails.");

    [Fact]
    public async Task A_deleted_image_loses_its_object_and_then_its_row_and_others_keep_theirs()
    {
        var id = await StoredAsync("images/a.jpg");
        await StoredAsync("images/b.jpg");
        await Records.DeleteAsync(id);

        await Deletions().RoundAsync(WorkShare.Everything, await TenureAsync());

        (await Store.KeysAsync()).Should().Equal("images/b.jpg");
        (await Records.TextAsync("SELECT path FROM image")).Should().Be("images/b.jpg");
        (await Records.EntriesAsync()).Should().Be(0);
    }

    [Fact]
    public async Task A_registered_url_and_a_path_that_no_key_can_have_lose_their_rows_alone()
    {
        await Store.PutAsync("images/a.jpg");
        foreach (var (path, name) in new[] { ("images/a.jpg", "link"), ("", Store.Real.Name), ("a/../b", Store.Real.Name) })
            await Records.DeleteAsync(await Records.ImageAsync(path, store: name));

        await Deletions().RoundAsync(WorkShare.Everything, await TenureAsync());

        (await Records.ImagesAsync()).Should().Be(0);
        Store.Observed.Deletions.Should().BeEmpty();
    }

    [Fact]
    public async Task A_key_claimed_twice_keeps_its_object_until_its_last_row_goes()
    {
        var first = await StoredAsync("images/a.jpg");
        var second = await Records.ImageAsync("images/a.jpg", store: Store.Real.Name);
        await Records.DeleteAsync(first);
        var tenure = await TenureAsync();

        await Deletions().RoundAsync(WorkShare.Everything, tenure);
        (await Store.HasAsync("images/a.jpg")).Should().BeTrue();
        (await Records.ImagesAsync()).Should().Be(1);

        await Records.DeleteAsync(second);
        await Deletions().RoundAsync(WorkShare.Everything, tenure);
        (await Store.HasAsync("images/a.jpg")).Should().BeFalse();
        (await Records.ImagesAsync()).Should().Be(0);
    }

    [Fact]
    public async Task A_key_claimed_twice_and_deleted_twice_at_once_loses_its_object()
    {
        await Records.DeleteAsync(await StoredAsync("images/a.jpg"));
        await Records.DeleteAsync(await Records.ImageAsync("images/a.jpg", store: Store.Real.Name));

        await Deletions().RoundAsync(WorkShare.Everything, await TenureAsync());

        (await Store.HasAsync("images/a.jpg")).Should().BeFalse();
        (await Records.ImagesAsync()).Should().Be(0);
    }

    [Fact]
    public async Task A_store_that_fails_is_asked_again_after_one_second_then_two_and_given_up_visibly()
    {
        await Records.DeleteAsync(await StoredAsync("images/a.jpg"));
        Store.Observed.BeforeDelete = (_, _) => throw Failure;
        var tenure = await TenureAsync();
        var worker = Deletions();

        foreach (var (seconds, asked) in new[] { (0, 1), (0.9, 1), (0.1, 2), (1.9, 2), (0.1, 3) })
        {
            Records.Clock.Advance(TimeSpan.FromSeconds(seconds));
            await worker.RoundAsync(WorkShare.Everything, tenure);
            Store.Observed.Deletions["images/a.jpg"].Should().Be(asked);
        }

        Log.Errors.Should().Be(1);
        (await Records.TextAsync("SELECT last_error FROM object_deletion WHERE state = 'failed'")).Should().Be("StoreException: It fails.");
        (await Records.ImagesAsync()).Should().Be(1);
        Records.Clock.Advance(TimeSpan.FromSeconds(10));
        await worker.RoundAsync(WorkShare.Everything, tenure);
        Store.Observed.Deletions["images/a.jpg"].Should().Be(3);
    }

    [Fact]
    public async Task A_store_that_has_recovered_is_obeyed()
    {
        await Records.DeleteAsync(await StoredAsync("images/a.jpg"));
        var failures = 1;
        Store.Observed.BeforeDelete = (_, _) => Interlocked.Decrement(ref failures) >= 0 ? throw Failure : Task.CompletedTask;
        var tenure = await TenureAsync();

        await Deletions().RoundAsync(WorkShare.Everything, tenure);
        Records.Clock.Advance(TimeSpan.FromSeconds(1));
        await Deletions().RoundAsync(WorkShare.Everything, tenure);

        (await Store.HasAsync("images/a.jpg")).Should().BeFalse();
        (await Records.ImagesAsync()).Should().Be(0);
        Log.Errors.Should().Be(0);
    }

    [Fact]
    public async Task A_store_that_this_configuration_lacks_counts_as_failing()
    {
        await Records.DeleteAsync(await Records.ImageAsync("images/a.jpg", store: "s3"));

        await Deletions().RoundAsync(WorkShare.Everything, await TenureAsync());

        (await Records.TextAsync("SELECT last_error FROM object_deletion WHERE state = 'running' AND attempts = 1")).Should().Contain("'s3'");
        (await Records.ImagesAsync()).Should().Be(1);
    }

    [Fact]
    public async Task An_object_in_another_bucket_is_not_asked_for_in_this_one()
    {
        var id = await StoredAsync("images/a.jpg");
        await Records.RunAsync("UPDATE image SET bucket = 'the-old-one' WHERE id = @Id", new { Id = id });
        await Records.DeleteAsync(id);

        await Deletions().RoundAsync(WorkShare.Everything, await TenureAsync());

        Store.Observed.Deletions.Should().BeEmpty();
        (await Records.TextAsync("SELECT last_error FROM object_deletion WHERE state = 'running'")).Should().Contain("'the-old-one'");
        (await Records.ImagesAsync()).Should().Be(1, "the row knows where the object lies");
    }

    [Fact]
    public async Task A_store_that_hangs_on_some_does_not_keep_the_others_waiting()
    {
        for (var number = 0; number < 6; number++)
            await Records.DeleteAsync(await StoredAsync($"images/{number}.jpg"));
        Store.Observed.BeforeDelete = (key, token) => key.Value is "images/0.jpg" or "images/1.jpg" or "images/2.jpg"
            ? Task.Delay(Timeout.Infinite, token) : Task.CompletedTask;
        var round = Deletions().RoundAsync(WorkShare.Everything, await TenureAsync());

        await Eventually.TrueAsync(async () => await Records.ImagesAsync() == 3, "those that do not hang are done");

        // Half a minute is also the lease's; the tenure ends first, and with it the round.
        await Records.Clock.AdvanceUntilAsync(() => round.IsCompleted, TimeSpan.FromSeconds(1), "the tenure ends");
        await FluentActions.Awaiting(() => round).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task A_database_that_fails_when_the_object_is_gone_is_asked_again()
    {
        await Records.DeleteAsync(await StoredAsync("images/a.jpg"));
        await Records.RunAsync("CREATE TRIGGER broken BEFORE DELETE ON image BEGIN SELECT RAISE(ABORT, 'disk on fire'); END");
        var tenure = await TenureAsync();

        await Deletions().RoundAsync(WorkShare.Everything, tenure);
        (await Store.HasAsync("images/a.jpg")).Should().BeFalse();
        (await Records.ImagesAsync()).Should().Be(1);
        (await Records.EntriesAsync()).Should().Be(1);

        await Records.RunAsync("DROP TRIGGER broken");
        Records.Clock.Advance(TimeSpan.FromSeconds(1));
        await Deletions().RoundAsync(WorkShare.Everything, tenure);
        (await Records.ImagesAsync()).Should().Be(0);
        (await Records.EntriesAsync()).Should().Be(0);
    }

    [Fact]
    public async Task A_database_that_fails_at_the_beginning_leaves_the_object()
    {
        await Records.DeleteAsync(await StoredAsync("images/a.jpg"));
        await Records.RunAsync("CREATE TRIGGER broken BEFORE UPDATE ON object_deletion BEGIN SELECT RAISE(ABORT, 'disk on fire'); END");
        var tenure = await TenureAsync();

        (await Deletions().RoundAsync(WorkShare.Everything, tenure)).Should().BeFalse();
        (await Store.HasAsync("images/a.jpg")).Should().BeTrue();

        await Records.RunAsync("DROP TRIGGER broken");
        await Deletions().RoundAsync(WorkShare.Everything, tenure);
        (await Records.ImagesAsync()).Should().Be(0);
    }

    [Fact]
    public async Task A_holder_that_stood_still_in_the_middle_of_a_deletion_does_no_harm_when_it_goes_on()
    {
        var ids = new List<long>();
        for (var number = 0; number < 6; number++)
        {
            ids.Add(await StoredAsync($"images/{number}.jpg"));
            await Records.DeleteAsync(ids[^1]);
        }

        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Store.Observed.BeforeDelete = (_, _) => goOn.Task;
        var late = Deletions().RoundAsync(WorkShare.Everything, await TenureAsync());
        await Eventually.TrueAsync(() => Task.FromResult(Store.Observed.Deletions.Count == 4), "four have begun, two wait");
        var waiting = await Records.CountAsync("SELECT min(image_id) FROM object_deletion WHERE state = 'queued'");
        (await Records.RestoreAsync(waiting)).Should().BeTrue();

        // The database's clock alone: the late one believes in its lease still.
        await Records.PassAsync(Duration);
        Store.Observed.BeforeDelete = (_, _) => Task.CompletedTask;
        await Deletions().RoundAsync(WorkShare.Everything, await TenureAsync("two"));
        (await Records.EntriesAsync()).Should().Be(0);
        goOn.SetResult();
        await late;

        (await Records.CountAsync("SELECT max(id) FROM image WHERE deleted_at IS NULL")).Should().Be(waiting);
        (await Records.ImagesAsync()).Should().Be(1);
        (await Store.KeysAsync()).Should().Equal(await Records.TextAsync("SELECT path FROM image"));
    }

    [Fact]
    public async Task Whoever_stood_still_before_the_deletion_does_not_begin_it_by_the_own_clock()
    {
        await Records.DeleteAsync(await StoredAsync("images/a.jpg"));
        var tenure = await TenureAsync();
        Records.Clock.Advance(Duration * 2 / 3);

        await FluentActions.Awaiting(() => Deletions().RoundAsync(WorkShare.Everything, tenure)).Should().ThrowAsync<OperationCanceledException>();

        Store.Observed.Deletions.Should().BeEmpty();
    }
}

public sealed class EmulatorDeletionWorkerSpecs() : DeletionWorkerSpecs(new EmulatorBed());

public sealed class DiskDeletionWorkerSpecs() : DeletionWorkerSpecs(new DiskBed());
