using OssProxy.Core.Records;

namespace OssProxy.Tests.Records;

// Classes that are too large to go in one transaction.
public abstract partial class ImageClassesSpecs
{
    private const int Large = 2 * ImageClasses.DeletedAtOnce + 500;

    [Fact]
    public async Task A_class_with_more_images_than_a_portion_goes_with_all_of_them()
    {
        var parent = await NewClassAsync("parent");
        var child = await NewClassAsync("child", parent);
        var other = await NewClassAsync("other");
        await FillAsync(child, ImageClasses.DeletedAtOnce - 1);
        await FillAsync(parent, Large);
        await FillAsync(other, 3);

        await Classes.DeleteAsync(parent, new Retentions(TimeSpan.Zero, new Dictionary<long, TimeSpan> { [child] = TimeSpan.FromDays(1) }), progress: null, Deadline);

        (await Classes.AllAsync(Deadline)).Should().ContainSingle().Which.Id.Should().Be(other);
        (await Classes.UsageAsync(Deadline)).Should().Equal(new ClassUsage(other, 3, 30));
        (await ScalarAsync("SELECT count(*) FROM object_deletion WHERE due_at - create_time < 3600000")).Should().Be(Large);
        (await ScalarAsync("SELECT count(*) FROM object_deletion WHERE due_at - create_time >= 3600000"))
            .Should().Be(ImageClasses.DeletedAtOnce - 1);
        await RequireQueuedAsMarkedAsync();
    }

    [Fact]
    public async Task A_failure_half_way_leaves_the_rest_and_a_second_deletion_ends_it()
    {
        var id = await NewClassAsync("large");
        var pending = await NewPendingAsync();
        await FillAsync(id, Large);
        var stumble = await ScalarAsync("SELECT min(id) FROM image WHERE image_class_id = @Id", new { Id = id }) + ImageClasses.DeletedAtOnce + 7;
        await RefuseAsync(stumble);

        var told = new Told();
        var delete = () => Classes.DeleteAsync(id, OneDay, told, Deadline);

        (await delete.Should().ThrowAsync<RecordsException>()).Which.Error.Should().Be(RecordsError.RecordsUnavailable);
        (await Classes.UsageAsync(Deadline)).Should().Equal(
            new ClassUsage(id, Large - ImageClasses.DeletedAtOnce, 10 * (Large - ImageClasses.DeletedAtOnce)));
        (await Classes.AllAsync(Deadline)).Should().ContainSingle("the class goes last");
        told.Should().Equal(ImageClasses.DeletedAtOnce);
        (await Library.RestoreAsync([stumble - ImageClasses.DeletedAtOnce], Deadline)).Should().HaveCount(1);
        await RequireQueuedAsMarkedAsync();

        await RefuseAsync(0);
        await FinishAsync(pending, id);
        await delete();

        (await Classes.AllAsync(Deadline)).Should().BeEmpty();
        (await QueuedAsync()).Should().HaveCount(Large + 1, "what was uploaded between the two goes as well");
        await RequireQueuedAsMarkedAsync();
    }

    [Fact]
    public async Task Uploads_that_finish_between_portions_go_with_their_class_or_are_told_that_it_has_gone()
    {
        var id = await NewClassAsync("large");
        // Before the images, and therefore behind the portions that look for them.
        var pending = new List<long>();
        for (var i = 0; i < 20; i++)
            pending.Add(await NewPendingAsync());
        await FillAsync(id, 3 * ImageClasses.DeletedAtOnce);
        var node = new ImageClasses(Neighbour(), Time);

        var delete = ErrorOfAsync(() => node.DeleteAsync(id, OneDay, progress: null, Deadline));
        var errors = new List<RecordsError?>();
        foreach (var upload in pending)
            errors.Add(await ErrorOfAsync(() => FinishAsync(upload, id)));

        (await delete).Should().BeNull();
        errors.Should().OnlyContain(error => error == null || error == RecordsError.ClassNotFound);
        (await ScalarAsync("SELECT count(*) FROM image WHERE image_class_id = @Id AND state = 'stored' AND deleted_at IS NULL", new { Id = id }))
            .Should().Be(0);
        (await QueuedAsync()).Should().HaveCount(3 * ImageClasses.DeletedAtOnce + errors.Count(error => error is null));
        await RequireQueuedAsMarkedAsync();
    }

    private sealed class Told : List<int>, IProgress<int>
    {
        public void Report(int value) => Add(value);
    }

    // The deletion of this image fails from now on; 0 for none.
    private async Task RefuseAsync(long imageId)
    {
        if (Database.Dialect == SqlDialect.Sqlite)
        {
            await ExecuteAsync("DROP TRIGGER IF EXISTS refusal");
            await ExecuteAsync($"""
                CREATE TRIGGER refusal BEFORE INSERT ON object_deletion WHEN new.image_id = {imageId} BEGIN SELECT raise(FAIL, 'refused'); END
                """);
            return;
        }

        await ExecuteAsync($"""
            CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN IF new.image_id = {imageId} THEN RAISE 'refused'; END IF; RETURN new; END $$
            """);
        await ExecuteAsync("CREATE OR REPLACE TRIGGER refusal BEFORE INSERT ON object_deletion FOR EACH ROW EXECUTE FUNCTION refuse()");
    }

    private async Task RequireQueuedAsMarkedAsync()
    {
        (await ScalarAsync("SELECT count(*) FROM image WHERE deleted_at IS NOT NULL AND id NOT IN (SELECT image_id FROM object_deletion)"))
            .Should().Be(0, "what is marked is queued");
        (await ScalarAsync("SELECT count(*) FROM object_deletion WHERE image_id IN (SELECT id FROM image WHERE deleted_at IS NULL)"))
            .Should().Be(0, "what is queued is marked");
    }
}
