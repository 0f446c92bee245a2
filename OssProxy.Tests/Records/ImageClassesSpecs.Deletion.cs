using OssProxy.Core.Records;

namespace OssProxy.Tests.Records;

// The end of a class and of what is in it, and what consoles do at the same moment.
public abstract partial class ImageClassesSpecs
{
    [Fact]
    public async Task A_class_goes_with_all_below_it_and_with_their_images()
    {
        var parent = await NewClassAsync("parent");
        var child = await NewClassAsync("child", parent);
        var other = await NewClassAsync("other");
        var inParent = await NewImageAsync(parent);
        var inChild = await NewImageAsync(child);
        var link = await NewImageAsync(child);
        await ExecuteAsync("UPDATE image SET storage = 'link', path = '' WHERE id = @Id", new { Id = link });
        await NewImageAsync(other);
        await NewImageAsync();
        await NewPendingAsync();

        await Classes.DeleteAsync(
            parent, new Retentions(TimeSpan.FromDays(1), new Dictionary<long, TimeSpan> { [child] = TimeSpan.Zero, [other] = TimeSpan.Zero }),
            progress: null, Deadline);

        (await Classes.AllAsync(Deadline)).Select(one => one.Id).Should().Equal(other);
        var queued = await QueuedAsync();
        queued.Select(entry => (entry.ImageId, entry.Storage, entry.Waits)).Should().Equal(
            (inParent, "oss", TimeSpan.FromDays(1)), (inChild, "oss", TimeSpan.Zero), (link, "link", TimeSpan.Zero));
        queued.Should().OnlyContain(entry => entry.State == "queued" && entry.Attempts == 0 && entry.Fence == 0 && entry.LastError == null);
        queued.Select(entry => entry.Path.Length > 0).Should().Equal(true, true, false);
        (await ScalarAsync("SELECT count(*) FROM image WHERE deleted_at IS NOT NULL")).Should().Be(3);
        (await Classes.UsageAsync(Deadline)).Should().Equal(new ClassUsage(0, 1, 1000), new ClassUsage(other, 1, 1000));
    }

    [Fact]
    public async Task Images_that_were_deleted_before_their_class_keep_their_time()
    {
        var id = await NewClassAsync("a");
        var early = await NewImageAsync(id);
        await NewImageAsync(id);
        await ExecuteAsync("UPDATE image SET deleted_at = 7 WHERE id = @Id", new { Id = early });
        await ExecuteAsync(
            "INSERT INTO object_deletion (image_id, storage, path, due_at, state, create_time) VALUES (@Id, 'oss', 'p', 8, 'running', 7)",
            new { Id = early });

        await Classes.DeleteAsync(id, OneDay, progress: null, Deadline);

        (await ScalarAsync("SELECT deleted_at FROM image WHERE id = @Id", new { Id = early })).Should().Be(7);
        var queued = await QueuedAsync();
        queued.Should().HaveCount(2);
        (queued[0].ImageId, queued[0].DueAt, queued[0].State).Should().Be((early, 8, "running"));
    }

    [Fact]
    public async Task Two_hundred_and_fifty_five_classes_go_with_the_one_above_them()
    {
        // A full binary tree, eight deep.
        var ids = new List<long> { await NewClassAsync("root") };
        for (var i = 1; i < 256; i++)
            ids.Add(await NewClassAsync(Number(i), ids[(i - 1) / 2]));
        await NewClassAsync("bystander");
        foreach (var id in ids)
            await FillAsync(id, 4);

        await Classes.DeleteAsync(ids[0], OneDay, progress: null, Deadline);

        (await Classes.AllAsync(Deadline)).Should().ContainSingle().Which.Name.Should().Be("bystander");
        (await QueuedAsync()).Should().HaveCount(1024);
        (await Classes.UsageAsync(Deadline)).Should().BeEmpty();
    }

    [Fact]
    public async Task Of_consoles_that_create_one_class_at_once_one_succeeds()
    {
        var nodes = Enumerable.Range(0, 2).Select(_ => new ImageClasses(Another(), Time)).ToList();
        var draft = new ClassDraft { Name = "一" };

        var errors = await Task.WhenAll(
            Enumerable.Range(0, 16).Select(i => ErrorOfAsync(() => nodes[i % 2].CreateAsync(draft, Deadline))));

        errors.Count(error => error is null).Should().Be(1);
        errors.Count(error => error == RecordsError.ClassNameTaken).Should().Be(15);
        (await Classes.AllAsync(Deadline)).Should().ContainSingle();
    }

    [Fact]
    public async Task Of_consoles_that_rename_to_one_name_at_once_one_succeeds()
    {
        var nodes = Enumerable.Range(0, 4).Select(_ => new ImageClasses(Neighbour(), Time)).ToList();
        var ids = new List<long>();
        for (var i = 0; i < 16; i++)
            ids.Add(await NewClassAsync(Number(i)));

        var errors = await Task.WhenAll(ids.Select(
            (id, i) => ErrorOfAsync(() => nodes[i % 4].UpdateAsync(id, new ClassDraft { Name = "一" }, Deadline))));

        errors.Count(error => error is null).Should().Be(1);
        errors.Count(error => error == RecordsError.ClassNameTaken).Should().Be(15);
    }

    [Fact]
    public async Task Two_consoles_that_hang_two_classes_below_each_other_close_no_circle()
    {
        var (one, other) = (new ImageClasses(Neighbour(), Time), new ImageClasses(Neighbour(), Time));
        for (var round = 0; round < 20; round++)
        {
            var a = await NewClassAsync($"a{Number(round)}");
            var b = await NewClassAsync($"b{Number(round)}");

            var errors = await Task.WhenAll(
                ErrorOfAsync(() => one.UpdateAsync(a, new ClassDraft { ParentId = b }, Deadline)),
                ErrorOfAsync(() => other.UpdateAsync(b, new ClassDraft { ParentId = a }, Deadline)));

            errors.Should().BeEquivalentTo(new RecordsError?[] { null, RecordsError.ClassParentInvalid });
            (await Lineage(a)).Concat(await Lineage(b)).Should().HaveCount(3);
        }
    }

    [Fact]
    public async Task A_class_never_hangs_below_one_that_has_gone()
    {
        var (one, other) = (new ImageClasses(Neighbour(), Time), new ImageClasses(Neighbour(), Time));
        for (var round = 0; round < 20; round++)
        {
            var going = await NewClassAsync("going");
            var moving = await NewClassAsync("moving");

            var errors = await Task.WhenAll(
                ErrorOfAsync(() => one.DeleteAsync(going, OneDay, progress: null, Deadline)),
                ErrorOfAsync(() => other.CreateAsync(new ClassDraft { Name = "new", ParentId = going }, Deadline)),
                ErrorOfAsync(() => other.UpdateAsync(moving, new ClassDraft { ParentId = going }, Deadline)));

            errors[0].Should().BeNull();
            errors.Skip(1).Should().NotContain(error => error != null && error != RecordsError.ClassParentInvalid);
            var left = await Classes.AllAsync(Deadline);
            left.Should().NotContain(c => c.ParentId != 0);
            left.Should().HaveCount(errors[2] is null ? 0 : 1, "what had moved in time went with it");
            foreach (var c in left)
                await Classes.DeleteAsync(c.Id, OneDay, progress: null, Deadline);
        }
    }
}
