using OssProxy.Core.Records;

namespace OssProxy.Tests.Records;

// Two hands on one image or class. What is promised is what is true afterwards, whoever came first.
public abstract partial class ImageLibrarySpecs
{
    private const int Rounds = 12;

    [Fact]
    public async Task No_image_lies_in_a_class_that_has_gone()
    {
        var (library, classes) = (new ImageLibrary(Neighbour(), Time), new ImageClasses(Neighbour(), Time));
        for (var round = 0; round < Rounds; round++)
        {
            var going = await NewClassAsync("going");
            var (moved, edited, restored) = (await NewImageAsync(), await NewImageAsync(), await NewImageAsync(going));
            await Library.DeleteAsync([restored], OneDay, Deadline);
            var pending = await NewPendingAsync();
            var link = new NewLink("/a.png", "a", going, Enabled: true, 50, "image/png", "", "");

            var delete = ErrorOfAsync(() => classes.DeleteAsync(going, OneDay, progress: null, Deadline));
            var others = await Task.WhenAll(
                ErrorOfAsync(() => library.MoveAsync([moved], going, Deadline)),
                ErrorOfAsync(() => Library.EditAsync(edited, new ImageEdit { ClassId = going }, Deadline)),
                ErrorOfAsync(() => library.RestoreAsync([restored], Deadline)),
                ErrorOfAsync(() => library.RegisterAsync(link, Deadline)),
                ErrorOfAsync(() => FinishAsync(pending, going)));

            (await delete).Should().BeNull();
            others.Should().NotContain(error => error != null && error != RecordsError.ClassNotFound);
            (await Ids(new ImageQuery { ClassId = going })).Should().BeEmpty();
            await RequireAgreementAsync();
        }
    }

    [Fact]
    public async Task Who_deletes_restores_and_moves_at_once_leaves_marks_and_queue_in_agreement()
    {
        var libraries = Enumerable.Range(0, 4).Select(_ => new ImageLibrary(Neighbour(), Time)).ToList();
        var goal = await NewClassAsync("goal");
        await FillAsync(0, 40);
        var ids = await Ids(new ImageQuery());
        var backwards = Enumerable.Reverse(ids).ToList();

        for (var round = 0; round < Rounds; round++)
        {
            var errors = await Task.WhenAll(libraries.SelectMany(library => new[]
            {
                ErrorOfAsync(() => library.DeleteAsync(ids, OneDay, Deadline)),
                ErrorOfAsync(() => library.MoveAsync(backwards, goal, Deadline)),
                ErrorOfAsync(() => library.RestoreAsync(ids, Deadline)),
                ErrorOfAsync(() => library.DeleteAsync(backwards, OneDay, Deadline)),
                ErrorOfAsync(() => library.RestoreAsync(backwards, Deadline)),
            }));

            errors.Should().OnlyContain(error => error == null);
            await RequireAgreementAsync();
        }
    }

    [Fact]
    public async Task Of_those_who_delete_and_restore_one_image_each_succeeds_once()
    {
        var libraries = Enumerable.Range(0, 4).Select(_ => new ImageLibrary(Neighbour(), Time)).ToList();
        var id = await NewImageAsync();

        var deleted = await Task.WhenAll(libraries.Select(library => library.DeleteAsync([id], OneDay, Deadline)));
        var restored = await Task.WhenAll(libraries.Select(library => library.RestoreAsync([id], Deadline)));

        (deleted.Sum(ids => ids.Count), restored.Sum(ids => ids.Count)).Should().Be((1, 1));
    }

    [Fact]
    public async Task A_deletion_is_either_begun_or_taken_back()
    {
        var library = new ImageLibrary(Neighbour(), Time);
        for (var round = 0; round < Rounds; round++)
        {
            var id = await NewImageAsync();
            await Library.DeleteAsync([id], OneDay, Deadline);

            var begin = ExecuteAsync(
                "UPDATE object_deletion SET state = 'running', fence = 1 WHERE image_id = @Id AND state = 'queued'", new { Id = id });
            var restored = await library.RestoreAsync([id], Deadline);

            (await begin + restored.Count).Should().Be(1);
            (await Library.FindAsync([id], Deadline)).Should().HaveCount(restored.Count);
            await RequireAgreementAsync();
        }
    }

    // Every image that is marked is queued, every one that is queued is marked, and every class of one that is there exists.
    private async Task RequireAgreementAsync()
    {
        (await ScalarAsync("SELECT count(*) FROM image WHERE deleted_at IS NOT NULL AND id NOT IN (SELECT image_id FROM object_deletion)"))
            .Should().Be(0, "what is marked is queued");
        (await ScalarAsync("SELECT count(*) FROM object_deletion WHERE image_id IN (SELECT id FROM image WHERE deleted_at IS NULL)"))
            .Should().Be(0, "what is queued is marked");
        (await ScalarAsync("""
            SELECT count(*) FROM image
            WHERE deleted_at IS NULL AND image_class_id <> 0 AND image_class_id NOT IN (SELECT id FROM image_class)
            """)).Should().Be(0, "classes exist");
    }
}
