using OssProxy.Core.Records;

namespace OssProxy.Tests.Records;

public sealed class SqliteImageLibrarySpecs() : ImageLibrarySpecs(new SqlitePlace());

[Collection(PostgresCollection.Name)]
public sealed class PostgresImageLibrarySpecs(PostgresServer server) : ImageLibrarySpecs(new PostgresPlace(server));

/// <summary>The duties of <see cref="ImageLibrary"/>, proved for every database.</summary>
public abstract partial class ImageLibrarySpecs(DatabasePlace place) : LibrarySpecs(place)
{
    [Fact]
    public async Task An_image_is_found_with_everything_that_is_known_of_it()
    {
        var filed = await NewClassAsync("holidays");
        var id = await NewImageAsync(filed, "照片 'x\".jpg", 5_000_000_000);
        await ExecuteAsync(
            "UPDATE image SET width = 3, height = 4, sha256 = 'ab', owner = 'o', created_by = 'c', bucket = 'b' WHERE id = @Id", new { Id = id });

        var found = (await Library.FindAsync([id], Deadline)).Should().ContainSingle().Which;

        found.Should().Be(new ImageRecord(
            id, filed, found.Path, "", found.Url, 50, Enabled: true, Time.GetUtcNow(), Time.GetUtcNow(), "oss", "b", 5_000_000_000, "image/jpeg", "42",
            "ab", 3, 4, "照片 'x\".jpg", "o", "c", DeletedAt: null));
        found.Path.Should().StartWith("images/20260105/");
        (await Library.ListAsync(new ImageQuery(), 1, 10, Deadline)).Images.Should().Equal(found);
        (await All(new ImageQuery())).Should().Equal(found);
    }

    [Fact]
    public async Task Only_stored_images_that_are_not_deleted_are_seen()
    {
        var pending = await NewPendingAsync();
        var deleted = await NewImageAsync();
        var there = await NewImageAsync();
        await Library.DeleteAsync([deleted], OneDay, Deadline);

        (await Library.FindAsync([there, deleted, pending, 987], Deadline)).Select(image => image.Id).Should().Equal(there);
        (await Library.FindAsync([], Deadline)).Should().BeEmpty();
        (await Ids(new ImageQuery())).Should().Equal(there);
        (await Ids(new ImageQuery { Deleted = true })).Should().Equal(deleted);
        (await Library.ListAsync(new ImageQuery { Deleted = true }, 1, 1, Deadline)).Images[0].DeletedAt.Should().NotBeNull();
    }

    [Fact]
    public async Task A_page_is_a_part_of_the_whole()
    {
        var ids = new List<long>();
        for (var i = 0; i < 5; i++)
            ids.Add(await NewImageAsync());

        var first = await Library.ListAsync(new ImageQuery(), 1, 2, Deadline);
        var last = await Library.ListAsync(new ImageQuery(), 3, 2, Deadline);
        var beyond = await Library.ListAsync(new ImageQuery(), int.MaxValue, 1000, Deadline);

        first.Images.Select(image => image.Id).Should().Equal(ids.Take(2));
        last.Images.Select(image => image.Id).Should().Equal(ids.Skip(4));
        beyond.Images.Should().BeEmpty();
        new[] { first, last, beyond }.Should().OnlyContain(page => page.Total == 5);
    }

    [Fact]
    public async Task Ids_break_every_tie_in_the_direction_that_is_asked_for()
    {
        var ids = new List<long>();
        foreach (var order in new[] { 5, -1, 5, 5, -1 })
        {
            ids.Add(await NewImageAsync());
            await Library.EditAsync(ids[^1], new ImageEdit { Order = order }, Deadline);
        }

        (await Ids(new ImageQuery())).Should().Equal(ids);
        (await Ids(new ImageQuery { Descending = true })).Should().Equal(Enumerable.Reverse(ids));
        long[] byOrder = [ids[1], ids[4], ids[0], ids[2], ids[3]];
        (await Ids(new ImageQuery { ByOrder = true })).Should().Equal(byOrder);
        (await Ids(new ImageQuery { ByOrder = true, Descending = true })).Should().Equal(byOrder.Reverse());
    }

    [Fact]
    public async Task Pages_neither_repeat_nor_miss_a_row_while_others_are_stored()
    {
        await FillAsync(0, 95);
        var there = await Ids(new ImageQuery());

        var seen = new List<long>();
        for (var page = 1; seen.Count < there.Count; page++)
        {
            var images = (await Library.ListAsync(new ImageQuery { ByOrder = true }, page, 10, Deadline)).Images;
            images.Should().NotBeEmpty();
            seen.AddRange(images.Select(image => image.Id));
            await NewImageAsync();
        }

        seen.Take(there.Count).Should().Equal(there);
        seen.Should().OnlyHaveUniqueItems();
    }

    [Theory]
    [InlineData("cat", "Cat.jpg", "my CAT", "concatenate")]
    [InlineData("CAT", "Cat.jpg", "my CAT", "concatenate")]
    [InlineData("%", "50%_off")]
    [InlineData("_", "50%_off")]
    [InlineData("\\", "back\\slash")]
    [InlineData("'\"", "it'\"s")]
    [InlineData("图", "商品图.png")]
    [InlineData("ä", "kräftig")]
    [InlineData("Ä", "KRÄFTIG")]
    [InlineData("nobody")]
    [InlineData("nul\0")]
    public async Task A_keyword_means_itself_upper_and_lower_case_alike_for_ascii(string keyword, params string[] found)
    {
        string[] names = ["Cat.jpg", "my CAT", "concatenate", "50%_off", "back\\slash", "it'\"s", "商品图.png", "kräftig", "KRÄFTIG"];
        var asOriginal = new List<long>();
        var asName = new List<long>();
        foreach (var name in names)
        {
            asOriginal.Add(await NewImageAsync(originalName: name));
            asName.Add(await NewImageAsync(originalName: null));
            await Library.EditAsync(asName[^1], new ImageEdit { Name = name }, Deadline);
        }

        var page = await Library.ListAsync(new ImageQuery { Keyword = keyword }, 1, 100, Deadline);

        page.Images.Select(image => image.Id).Should()
            .Equal(found.SelectMany(name => new[] { asOriginal[Array.IndexOf(names, name)], asName[Array.IndexOf(names, name)] }));
        page.Total.Should().Be(found.Length * 2);
    }

    [Fact]
    public async Task An_empty_keyword_asks_for_nothing()
    {
        var id = await NewImageAsync(originalName: null);

        (await Ids(new ImageQuery { Keyword = "" })).Should().Equal(id);
    }

    [Fact]
    public async Task Class_owner_and_day_narrow_what_is_met()
    {
        var (one, two) = (await NewClassAsync("one"), await NewClassAsync("two"));
        var day = new DateTimeOffset(2026, 1, 5, 0, 0, 0, TimeSpan.FromHours(8));
        var before = await NewImageAsync(one, "a", 1, day.AddMilliseconds(-1));
        var first = await NewImageAsync(one, "b", 1, day);
        var last = await NewImageAsync(two, "c", 1, day.AddDays(1).AddMilliseconds(-1));
        var after = await NewImageAsync(two, "d", 1, day.AddDays(1));
        await ExecuteAsync("UPDATE image SET owner = '用户''7' WHERE id = @Id", new { Id = first });

        (await Ids(new ImageQuery { ClassId = one })).Should().Equal(before, first);
        (await Ids(new ImageQuery { ClassId = 0 })).Should().BeEmpty();
        (await Ids(new ImageQuery { Owner = "用户'7" })).Should().Equal(first);
        (await Ids(new ImageQuery { Owner = "" })).Should().Equal(before, last, after);
        (await Ids(new ImageQuery { From = day, Until = day.AddDays(1) })).Should().Equal(first, last);
        (await Ids(new ImageQuery { From = day, ClassId = one, Keyword = "B", Owner = "用户'7" })).Should().Equal(first);
        (await All(new ImageQuery { From = day, Until = day.AddDays(1) })).Select(image => image.Id).Should().Equal(first, last);
    }

    [Fact]
    public async Task A_stream_passes_everything_once_and_in_order()
    {
        await FillAsync(3, 1000);
        await FillAsync(4, 501);

        var all = await All(new ImageQuery { Descending = true, ByOrder = true });

        all.Should().HaveCount(1501).And.BeInAscendingOrder(image => image.Id).And.OnlyHaveUniqueItems();
        (await All(new ImageQuery { ClassId = 3 })).Should().HaveCount(1000);
        (await All(new ImageQuery { ClassId = 5 })).Should().BeEmpty();
    }

    [Fact]
    public async Task A_stream_ends_when_its_reader_is_cancelled()
    {
        await FillAsync(0, 600);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Deadline);

        var read = async () =>
        {
            await foreach (var _ in Library.StreamAsync(new ImageQuery(), patience.Token))
                await patience.CancelAsync();
        };

        await read.Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task More_ids_than_agreed_are_a_mistake_of_the_caller()
    {
        var many = Enumerable.Range(1, ImageLibrary.MaxIds + 1).Select(id => (long)id).ToList();
        var calls = new Func<Task>[]
        {
            () => Library.FindAsync(many, Deadline),
            () => Library.MoveAsync(many, 0, Deadline),
            () => Library.DeleteAsync(many, OneDay, Deadline),
            () => Library.RestoreAsync(many, Deadline),
        };

        foreach (var call in calls)
            await call.Should().ThrowAsync<ArgumentOutOfRangeException>();
    }

    private async Task<List<long>> Ids(ImageQuery query) =>
        [.. (await Library.ListAsync(query, 1, 1000, Deadline)).Images.Select(image => image.Id)];

    private async Task<List<ImageRecord>> All(ImageQuery query)
    {
        var all = new List<ImageRecord>();
        await foreach (var image in Library.StreamAsync(query, Deadline))
            all.Add(image);
        return all;
    }
}
