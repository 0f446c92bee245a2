using OssProxy.Core.Records;

namespace OssProxy.Tests.Records;

// What consoles change, one after the other and at the same moment.
public abstract partial class ImageLibrarySpecs
{
    [Fact]
    public async Task An_edit_changes_what_it_says_and_nothing_else()
    {
        var goal = await NewClassAsync("goal");
        var id = await NewImageAsync();
        var before = (await Library.FindAsync([id], Deadline))[0];
        Time.Advance(TimeSpan.FromMinutes(1));

        await Library.EditAsync(id, new ImageEdit { Name = "名 '\0" }, Deadline);
        (await Library.FindAsync([id], Deadline)).Should().Equal(before with { Name = "名 '\uFFFD", UpdatedAt = Time.GetUtcNow() });

        await Library.EditAsync(id, new ImageEdit { Enabled = false, Order = -9, ClassId = goal, Name = "" }, Deadline);
        (await Library.FindAsync([id], Deadline)).Should().Equal(
            before with { Enabled = false, Order = -9, ClassId = goal, UpdatedAt = Time.GetUtcNow() });

        await Library.EditAsync(id, new ImageEdit { Enabled = true, ClassId = 0 }, Deadline);
        (await Library.FindAsync([id], Deadline)).Should().Equal(before with { Order = -9, UpdatedAt = Time.GetUtcNow() });
    }

    [Fact]
    public async Task What_is_not_there_cannot_be_edited()
    {
        var id = await NewImageAsync();
        var deleted = await NewImageAsync();
        await Library.DeleteAsync([deleted], OneDay, Deadline);

        foreach (var nobody in new[] { deleted, await NewPendingAsync(), 987 })
        {
            (await ErrorOfAsync(() => Library.EditAsync(nobody, new ImageEdit { Name = "x", ClassId = 77 }, Deadline)))
                .Should().Be(RecordsError.ImageNotFound);
        }

        (await ErrorOfAsync(() => Library.EditAsync(id, new ImageEdit { Name = "x", ClassId = 77 }, Deadline)))
            .Should().Be(RecordsError.ClassNotFound);
        (await Library.FindAsync([id], Deadline))[0].Name.Should().BeEmpty("all or nothing");
    }

    [Fact]
    public async Task Images_move_together()
    {
        var goal = await NewClassAsync("goal");
        var (one, other, stays, deleted) = (await NewImageAsync(), await NewImageAsync(), await NewImageAsync(), await NewImageAsync());
        await Library.DeleteAsync([deleted], OneDay, Deadline);
        Time.Advance(TimeSpan.FromMinutes(1));

        (await Library.MoveAsync([one, other, deleted, await NewPendingAsync(), 987, one], goal, Deadline)).Should().Be(2);

        (await Ids(new ImageQuery { ClassId = goal })).Should().Equal(one, other);
        (await Ids(new ImageQuery { ClassId = 0 })).Should().Equal(stays);
        (await Library.FindAsync([one], Deadline))[0].UpdatedAt.Should().Be(Time.GetUtcNow());
        (await ErrorOfAsync(() => Library.MoveAsync([one], goal + 1, Deadline))).Should().Be(RecordsError.ClassNotFound);
        (await Library.MoveAsync([one, other], 0, Deadline)).Should().Be(2);
    }

    [Fact]
    public async Task A_deletion_is_queued_once_whatever_is_asked_later()
    {
        var quick = await NewClassAsync("quick");
        var (slow, fast) = (await NewImageAsync(), await NewImageAsync(quick));
        var retentions = new Retentions(TimeSpan.FromDays(7), new Dictionary<long, TimeSpan> { [quick] = TimeSpan.FromHours(1) });

        (await Library.DeleteAsync([fast, slow, slow, await NewPendingAsync(), 987], retentions, Deadline)).Should().BeEquivalentTo([fast, slow]);
        Time.Advance(TimeSpan.FromMinutes(5));
        (await Library.DeleteAsync([fast, slow], retentions, Deadline)).Should().BeEmpty();

        (await QueuedAsync()).Select(entry => (entry.ImageId, entry.Waits, entry.State, entry.Attempts, entry.Fence)).Should().Equal(
            (slow, TimeSpan.FromDays(7), "queued", 0, 0), (fast, TimeSpan.FromHours(1), "queued", 0, 0));
        var gone = (await Library.ListAsync(new ImageQuery { Deleted = true }, 1, 10, Deadline)).Images;
        gone.Should().HaveCount(2).And.OnlyContain(image => image.DeletedAt != null);
        (await QueuedAsync()).Select(entry => entry.Path).Should().Equal(gone.Select(image => image.Path));
    }

    [Fact]
    public async Task Retentions_beyond_every_calendar_are_numbers_all_the_same()
    {
        var id = await NewImageAsync();

        await Library.DeleteAsync([id], new Retentions(TimeSpan.MaxValue, new Dictionary<long, TimeSpan>()), Deadline);

        (await QueuedAsync())[0].DueAt.Should().BeGreaterThan(900_000_000_000_000);
    }

    [Fact]
    public async Task A_deletion_that_has_not_begun_is_taken_back()
    {
        var home = await NewClassAsync("home");
        var gone = await NewClassAsync("gone");
        var (one, other, there) = (await NewImageAsync(home), await NewImageAsync(gone), await NewImageAsync(home));
        await Library.DeleteAsync([one], OneDay, Deadline);
        await Classes.DeleteAsync(gone, OneDay, progress: null, Deadline);

        (await Library.RestoreAsync([one, other, there, 987], Deadline)).Should().BeEquivalentTo([one, other]);

        (await QueuedAsync()).Should().BeEmpty();
        (await Ids(new ImageQuery { ClassId = home })).Should().Equal(one, there);
        (await Ids(new ImageQuery { ClassId = 0 })).Should().Equal(other);
        (await Library.RestoreAsync([one, other], Deadline)).Should().BeEmpty();
        (await Library.DeleteAsync([one, other], OneDay, Deadline)).Should().HaveCount(2, "it can be deleted again");
    }

    [Theory]
    [InlineData("running")]
    [InlineData("failed")]
    public async Task A_deletion_that_has_begun_stays(string state)
    {
        var id = await NewImageAsync();
        await Library.DeleteAsync([id], OneDay, Deadline);
        await ExecuteAsync("UPDATE object_deletion SET state = @State", new { State = state });

        (await Library.RestoreAsync([id], Deadline)).Should().BeEmpty();

        (await QueuedAsync()).Should().ContainSingle();
        (await Ids(new ImageQuery { Deleted = true })).Should().Equal(id);
    }

    [Fact]
    public async Task A_registered_url_is_an_image_without_an_object()
    {
        var home = await NewClassAsync("home");
        var link = new NewLink("https://x.example/图.png?a='", "名", home, Enabled: false, 7, "image/png", "owner", "admin");

        var id = await Library.RegisterAsync(link, Deadline);

        (await Library.FindAsync([id], Deadline)).Should().Equal(new ImageRecord(
            id, home, "", "名", link.Url, 7, Enabled: false, Time.GetUtcNow(), Time.GetUtcNow(), "link", "", Size: null, "image/png", Crc64: null,
            Sha256: null, Width: null, Height: null, OriginalName: null, "owner", "admin", DeletedAt: null));
        (await ErrorOfAsync(() => Library.RegisterAsync(link with { ClassId = home + 1 }, Deadline))).Should().Be(RecordsError.ClassNotFound);
        (await Library.DeleteAsync([id], OneDay, Deadline)).Should().HaveCount(1);
        (await QueuedAsync()).Select(entry => (entry.Storage, entry.Path)).Should().Equal(("link", ""));
    }

    [Fact]
    public async Task What_is_registered_counts_and_what_is_refused_does_not()
    {
        var usage = new DailyUsage("owner", 0, 20260105, MaxFiles: 5, MaxBytes: null);
        var link = new NewLink("/a.png", "a", 0, Enabled: true, 50, "image/png", "owner", "") { Usage = usage };
        (await ErrorOfAsync(() => Library.RegisterAsync(link with { ClassId = 77 }, Deadline))).Should().Be(RecordsError.ClassNotFound);

        var errors = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => ErrorOfAsync(() => Library.RegisterAsync(link, Deadline))));

        errors.Count(error => error is null).Should().Be(5);
        errors.Count(error => error == RecordsError.DailyLimitReached).Should().Be(11);
        (await Ids(new ImageQuery())).Should().HaveCount(5);
        (await ScalarAsync("SELECT files FROM upload_usage")).Should().Be(5);
    }
}
