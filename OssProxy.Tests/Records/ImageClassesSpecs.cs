using System.Globalization;
using OssProxy.Core.Records;

namespace OssProxy.Tests.Records;

public sealed class SqliteImageClassesSpecs() : ImageClassesSpecs(new SqlitePlace());

[Collection(PostgresCollection.Name)]
public sealed class PostgresImageClassesSpecs(PostgresServer server) : ImageClassesSpecs(new PostgresPlace(server));

/// <summary>The duties of <see cref="ImageClasses"/>, proved for every database.</summary>
public abstract partial class ImageClassesSpecs(DatabasePlace place) : LibrarySpecs(place)
{
    [Fact]
    public async Task A_class_is_found_as_it_was_created()
    {
        var before = Time.GetUtcNow();
        var parent = await Classes.CreateAsync(new ClassDraft { Name = "商品" }, Deadline);
        var child = await Classes.CreateAsync(
            new ClassDraft { Name = "O'Neill \"%_\\", Description = "说明", ParentId = parent.Id, Order = -3, Enabled = false }, Deadline);

        parent.Should().Be(new ImageClass(parent.Id, 0, "商品", "", 50, Enabled: true, Policy: null, before, before));
        (await Classes.AllAsync(Deadline)).Should().Equal(
            new ImageClass(child.Id, parent.Id, "O'Neill \"%_\\", "说明", -3, Enabled: false, Policy: null, before, before), parent);
    }

    [Fact]
    public async Task Classes_are_listed_by_order_then_id()
    {
        foreach (var order in new[] { 50, 7, 50, 7, int.MinValue, int.MaxValue })
            await Classes.CreateAsync(new ClassDraft { Name = Guid.NewGuid().ToString("N")[..30], Order = order }, Deadline);

        var all = await Classes.AllAsync(Deadline);

        all.Select(one => one.Order).Should().Equal(int.MinValue, 7, 7, 50, 50, int.MaxValue);
        all.Should().Equal(all.OrderBy(one => one.Order).ThenBy(one => one.Id));
    }

    [Fact]
    public async Task What_databases_refuse_in_a_text_is_stored_readable()
    {
        var made = await Classes.CreateAsync(new ClassDraft { Name = "nul\0inside", Description = "half \uD83D" }, Deadline);

        (made.Name, made.Description).Should().Be(("nul\uFFFDinside", "half \uFFFD"));
        (await Classes.AllAsync(Deadline)).Should().Equal(made);
    }

    [Fact]
    public async Task An_id_is_never_given_again()
    {
        var first = await NewClassAsync("first");
        await Classes.DeleteAsync(first, OneDay, progress: null, Deadline);

        (await NewClassAsync("first")).Should().BeGreaterThan(first);
    }

    [Fact]
    public async Task A_draft_changes_what_it_says_and_nothing_else()
    {
        var id = await NewClassAsync("before");
        await Classes.SetPolicyAsync(id, """{"maxBytes":1}""", Deadline);
        var before = (await Classes.AllAsync(Deadline)).Single();
        Time.Advance(TimeSpan.FromMinutes(1));

        await Classes.UpdateAsync(id, new ClassDraft { Description = "said", Enabled = false }, Deadline);
        (await Classes.AllAsync(Deadline)).Single().Should().Be(
            before with { Description = "said", Enabled = false, UpdatedAt = Time.GetUtcNow() });

        await Classes.UpdateAsync(id, new ClassDraft { Name = "after", Order = 1, Description = "" }, Deadline);
        (await Classes.AllAsync(Deadline)).Single().Should().Be(
            before with { Name = "after", Order = 1, Description = "", Enabled = false, UpdatedAt = Time.GetUtcNow() });
    }

    [Fact]
    public async Task A_name_is_unique_among_siblings_and_only_there()
    {
        var one = await NewClassAsync("同名");
        var other = await NewClassAsync("other");
        var below = await NewClassAsync("同名", one);

        (await ErrorOfAsync(() => NewClassAsync("同名"))).Should().Be(RecordsError.ClassNameTaken);
        (await ErrorOfAsync(() => NewClassAsync("同名", one))).Should().Be(RecordsError.ClassNameTaken);
        (await ErrorOfAsync(() => Classes.UpdateAsync(other, new ClassDraft { Name = "同名" }, Deadline))).Should().Be(RecordsError.ClassNameTaken);
        (await ErrorOfAsync(() => Classes.UpdateAsync(below, new ClassDraft { ParentId = 0 }, Deadline)))
            .Should().Be(RecordsError.ClassNameTaken);
        (await ErrorOfAsync(() => Classes.UpdateAsync(one, new ClassDraft { Name = "同名", Order = 1 }, Deadline)))
            .Should().BeNull("a class may keep its own name");
        (await Classes.AllAsync(Deadline)).Select(c => (c.Id, c.ParentId, c.Name))
            .Should().BeEquivalentTo([(one, 0L, "同名"), (other, 0L, "other"), (below, one, "同名")]);
    }

    [Fact]
    public async Task A_parent_must_exist()
    {
        var id = await NewClassAsync("a");

        foreach (var nobody in new[] { id + 1, -1, long.MaxValue })
        {
            (await ErrorOfAsync(() => NewClassAsync("b", nobody))).Should().Be(RecordsError.ClassParentInvalid);
            (await ErrorOfAsync(() => Classes.UpdateAsync(id, new ClassDraft { ParentId = nobody }, Deadline)))
                .Should().Be(RecordsError.ClassParentInvalid);
        }

        (await Classes.AllAsync(Deadline)).Should().ContainSingle();
    }

    [Fact]
    public async Task A_class_is_never_its_own_parent_nor_that_of_those_above_it()
    {
        var top = await NewClassAsync("top");
        var middle = await NewClassAsync("middle", top);
        var bottom = await NewClassAsync("bottom", middle);

        foreach (var parent in new[] { top, middle, bottom })
        {
            (await ErrorOfAsync(() => Classes.UpdateAsync(top, new ClassDraft { ParentId = parent }, Deadline)))
                .Should().Be(RecordsError.ClassParentInvalid);
        }

        await Classes.UpdateAsync(bottom, new ClassDraft { ParentId = top }, Deadline);
        await Classes.UpdateAsync(middle, new ClassDraft { ParentId = bottom }, Deadline);
        (await Lineage(middle)).Should().Equal(middle, bottom, top);
    }

    [Fact]
    public async Task A_tree_is_never_deeper_than_allowed()
    {
        var chain = new List<long> { 0 };
        for (var depth = 1; depth <= ImageClasses.MaxDepth; depth++)
            chain.Add(await NewClassAsync("same", chain[^1]));
        var lone = await NewClassAsync("lone");
        await NewClassAsync("leaf", lone);

        (await ErrorOfAsync(() => NewClassAsync("too deep", chain[^1]))).Should().Be(RecordsError.ClassParentInvalid);
        (await ErrorOfAsync(() => Classes.UpdateAsync(lone, new ClassDraft { ParentId = chain[^2] }, Deadline)))
            .Should().Be(RecordsError.ClassParentInvalid, "what hangs on it would lie too deep");
        (await ErrorOfAsync(() => Classes.UpdateAsync(lone, new ClassDraft { ParentId = chain[^3] }, Deadline))).Should().BeNull();
        (await Lineage(chain[^1])).Should().Equal(chain.Skip(1).Reverse());
    }

    [Fact]
    public async Task A_lineage_leads_from_a_class_to_its_root()
    {
        var top = await NewClassAsync("top");
        await NewClassAsync("sibling", top);
        var middle = await NewClassAsync("middle", top);
        var bottom = await NewClassAsync("bottom", middle);
        await Classes.SetPolicyAsync(middle, """{"a":"'"}""", Deadline);

        var lineage = await Classes.LineageAsync(bottom, Deadline);

        lineage.Select(one => (one.Id, one.ParentId, one.Name, one.Policy)).Should().Equal(
            (bottom, middle, "bottom", null), (middle, top, "middle", """{"a":"'"}"""), (top, 0, "top", null));
        (await Lineage(top)).Should().Equal(top);
        (await Lineage(0)).Should().BeEmpty();
        (await Lineage(bottom + 1)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_circle_that_somebody_else_has_written_ends_every_walk()
    {
        var one = await NewClassAsync("one");
        var other = await NewClassAsync("other", one);
        await ExecuteAsync("UPDATE image_class SET pid = @Other WHERE id = @One", new { Other = other, One = one });

        (await Classes.LineageAsync(one, Deadline)).Should().HaveCount(ImageClasses.MaxDepth);
        (await ErrorOfAsync(() => NewClassAsync("below", one))).Should().Be(RecordsError.ClassParentInvalid);
        await Classes.UpdateAsync(one, new ClassDraft { ParentId = 0 }, Deadline);
        (await Lineage(other)).Should().Equal(other, one);
    }

    [Fact]
    public async Task What_is_not_there_is_said_not_to_be_there()
    {
        var calls = new Func<Task>[]
        {
            () => Classes.UpdateAsync(7, new ClassDraft { Name = "x" }, Deadline),
            () => Classes.SetPolicyAsync(7, "{}", Deadline),
            () => Classes.DeleteAsync(7, OneDay, progress: null, Deadline),
            () => Classes.DeleteAsync(0, OneDay, progress: null, Deadline),
        };

        foreach (var call in calls)
            (await ErrorOfAsync(call)).Should().Be(RecordsError.ClassNotFound);
    }

    [Fact]
    public async Task Policies_names_and_deletions_that_come_at_once_do_not_wait_for_each_other_for_ever()
    {
        var (node, other) = (new ImageClasses(Neighbour(), Time), Classes);
        for (var round = 0; round < 10; round++)
        {
            var id = await NewClassAsync($"class {round}");
            var changes = Enumerable.Range(0, 8).SelectMany(i => new[]
            {
                ErrorOfAsync(() => (i % 2 == 0 ? node : other).SetPolicyAsync(id, $$"""{"max_files":{{i}}}""", Deadline)),
                ErrorOfAsync(() => (i % 2 == 0 ? other : node).UpdateAsync(id, new ClassDraft { Order = i }, Deadline)),
            });
            (await Task.WhenAll([.. changes, ErrorOfAsync(() => node.DeleteAsync(id, OneDay, progress: null, Deadline))]))
                .Should().OnlyContain(error => error == null || error == RecordsError.ClassNotFound);
        }
    }

    [Fact]
    public async Task A_policy_is_given_and_taken_away()
    {
        var id = await NewClassAsync("a");
        Time.Advance(TimeSpan.FromSeconds(1));

        await Classes.SetPolicyAsync(id, """{"types":["图"]}""", Deadline);
        var given = (await Classes.AllAsync(Deadline)).Single();
        (given.Policy, given.UpdatedAt).Should().Be(("""{"types":["图"]}""", Time.GetUtcNow()));

        await Classes.SetPolicyAsync(id, null, Deadline);
        (await Classes.AllAsync(Deadline)).Single().Policy.Should().BeNull();
    }

    [Fact]
    public async Task Usage_counts_what_is_there_by_class()
    {
        var full = await NewClassAsync("full");
        await NewClassAsync("empty");
        await NewImageAsync(full, length: 3_000_000_000);
        await NewImageAsync(full, length: 4_000_000_000);
        await NewImageAsync(length: 5);
        await NewPendingAsync();
        await ExecuteAsync(
            "UPDATE image SET deleted_at = 1 WHERE id = @Id", new { Id = await NewImageAsync(full) });
        await ExecuteAsync("UPDATE image SET size = NULL, storage = 'link' WHERE id = @Id", new { Id = await NewImageAsync() });

        (await Classes.UsageAsync(Deadline)).Should().Equal(new ClassUsage(0, 2, 5), new ClassUsage(full, 2, 7_000_000_000));
        (await Classes.CountsAsync(Deadline)).Should().Equal(new Dictionary<long, long> { [0] = 2, [full] = 2 });
    }

    private async Task<IEnumerable<long>> Lineage(long id) => (await Classes.LineageAsync(id, Deadline)).Select(one => one.Id);

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
