using OssProxy.Core.Reconciliation;
using OssProxy.Core.Records;
using OssProxy.Tests.Records;

namespace OssProxy.Tests.Reconciliation;

/// <summary>What is told of a store and its rows, and what mending does, for every pair of store and database.</summary>
public abstract class ComparisonSpecs(TestDatabase records, StoreBed store) : AgreementBed(records, store)
{
    // The store's clock and the rows' are not the same here; both are before this.
    private static readonly DateTimeOffset Future = TimeProvider.System.GetUtcNow().AddDays(1);

    private readonly List<string> _removed = [];

    [Fact]
    public async Task What_agrees_is_not_told()
    {
        await StoredAsync("images/a.jpg");
        await StoredAsync("images/表情/😀.jpg");
        await StoredAsync("images/\uFF21.jpg");
        await Records.ImageAsync("images/b.jpg", store: "link");

        (await FindAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task Each_difference_is_told_in_the_order_of_the_keys()
    {
        await Store.PutAsync("images/1.jpg");
        await StoredAsync("images/2.jpg");
        await Records.ImageAsync("images/3.jpg", store: Store.Real.Name);
        await Store.PutAsync("images/4.jpg");
        await Records.ImageAsync("images/5.jpg", store: Store.Real.Name);
        await Store.PutAsync("images/6.jpg", 7);
        await Records.ImageAsync("images/6.jpg", store: Store.Real.Name, size: 8);
        await Store.PutAsync("images/😀.jpg");
        await Store.PutAsync("images/\uFF21.jpg");
        await Records.ImageAsync("images/\uFF22.jpg", store: Store.Real.Name);

        (await FindAsync()).Select(one => (one.Kind, one.Key)).Should().Equal(
            (DifferenceKind.ObjectWithoutRow, "images/1.jpg"),
            (DifferenceKind.RowWithoutObject, "images/3.jpg"),
            (DifferenceKind.ObjectWithoutRow, "images/4.jpg"),
            (DifferenceKind.RowWithoutObject, "images/5.jpg"),
            (DifferenceKind.SizeDiffers, "images/6.jpg"),
            (DifferenceKind.ObjectWithoutRow, "images/\uFF21.jpg"),
            (DifferenceKind.RowWithoutObject, "images/\uFF22.jpg"),
            (DifferenceKind.ObjectWithoutRow, "images/😀.jpg"));
    }

    [Fact]
    public async Task Claims_and_deleted_rows_have_others_who_see_to_them()
    {
        await Store.PutAsync("images/claimed.jpg");
        await Records.ImageAsync("images/claimed.jpg", "pending", Store.Real.Name, size: null);
        await Records.ImageAsync("images/not-sent-yet.jpg", "pending", Store.Real.Name, size: null);
        await Store.PutAsync("images/deleted.jpg");
        await Records.ImageAsync("images/deleted.jpg", store: Store.Real.Name, deleted: true, size: 9);
        await Records.ImageAsync("images/deleted-and-gone.jpg", store: Store.Real.Name, deleted: true);

        (await FindAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task Two_rows_of_one_object_agree_with_it_and_two_of_none_do_not()
    {
        await StoredAsync("images/a.jpg");
        await Records.ImageAsync("images/a.jpg", store: Store.Real.Name);
        await Records.ImageAsync("images/b.jpg", store: Store.Real.Name);
        await Records.ImageAsync("images/b.jpg", store: Store.Real.Name);

        (await FindAsync()).Select(one => one.Key).Should().Equal("images/b.jpg", "images/b.jpg");
    }

    [Fact]
    public async Task A_prefix_is_exact()
    {
        foreach (var key in new[] { "image/0.jpg", "images/1.jpg", "images/2/3.jpg", "images.jpg", "images2/1.jpg", "Images/1.jpg" })
        {
            await Store.PutAsync(key);
            await Records.ImageAsync(key + "x", store: Store.Real.Name);
        }

        (await FindAsync("images/")).Select(one => one.Key).Should().Equal("images/1.jpg", "images/1.jpgx", "images/2/3.jpg", "images/2/3.jpgx");
    }

    [Fact]
    public async Task What_is_young_is_left_alone_on_both_sides()
    {
        await Store.PutAsync("images/a.jpg");
        await Records.ImageAsync("images/b.jpg", store: Store.Real.Name);

        (await FindAsync(before: DateTimeOffset.FromUnixTimeMilliseconds(await Records.NowAsync()).AddHours(-1))).Should().BeEmpty();
    }

    [Fact]
    public async Task Rows_of_another_bucket_need_no_object_here_and_protect_what_is_here()
    {
        var elsewhere = await Records.ImageAsync("images/a.jpg", store: Store.Real.Name);
        await Records.RunAsync("UPDATE image SET bucket = 'former' WHERE id = @elsewhere", new { elsewhere });
        (await FindAsync()).Should().BeEmpty();

        await Store.PutAsync("images/a.jpg");
        var found = await FindAsync();

        (await MendAsync(found.Single())).Should().Be(Mended.NotThere);
        (await Store.HasAsync("images/a.jpg")).Should().BeTrue();
    }

    [Fact]
    public async Task Of_several_nodes_disks_each_is_compared_with_its_own_rows_and_nobodys_object_is_an_orphan()
    {
        await Records.ImageAsync("images/mine.jpg", store: Store.Real.Name);
        await Records.ImageAsync("images/theirs.jpg", store: Store.Real.Name, node: "node-b");
        await Store.PutAsync("images/theirs-on-a-shared-disk.jpg");
        await Records.ImageAsync("images/theirs-on-a-shared-disk.jpg", store: Store.Real.Name, node: "node-b");

        (await FindAsync(node: "node-a")).Select(one => one.Key).Should().Equal("images/mine.jpg");
    }

    [Fact]
    public async Task Mending_removes_the_object_and_the_row_that_have_no_other_and_tells_all_of_the_row_first()
    {
        await StoredAsync("images/agreed.jpg");
        await Store.PutAsync("images/object.jpg");
        await Records.ImageAsync("images/row.jpg", store: Store.Real.Name);

        foreach (var difference in await FindAsync())
            (await MendAsync(difference)).Should().Be(Mended.Done);

        (await Store.KeysAsync()).Should().Equal("images/agreed.jpg");
        (await Records.TextAsync("SELECT path FROM image")).Should().Be("images/agreed.jpg");
        (await Records.ImagesAsync()).Should().Be(1);
        _removed.Should().ContainSingle().Which.Should().Contain("\"path\":\"images/row.jpg\"").And.Contain("\"media_type\":\"image/jpeg\"").And.Contain("\"deleted_at\":null");
        (await FindAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task What_has_changed_since_it_was_told_is_left_alone()
    {
        await Store.PutAsync("images/claimed-now.jpg");
        await Store.PutAsync("images/replaced.jpg");
        await Store.PutAsync("images/gone.jpg");
        var edited = await Records.ImageAsync("images/edited.jpg", store: Store.Real.Name);
        await Records.ImageAsync("images/found.jpg", store: Store.Real.Name);
        var gone = await Records.ImageAsync("images/row-gone.jpg", store: Store.Real.Name);
        var told = await FindAsync();

        await Records.ImageAsync("images/claimed-now.jpg", "pending", Store.Real.Name, size: null);
        await Store.Real.Store.DeleteAsync(Core.Storage.ObjectKey.Parse("images/replaced.jpg"), CancellationToken.None);
        await Store.PutAsync("images/replaced.jpg", 6);
        await Store.Real.Store.DeleteAsync(Core.Storage.ObjectKey.Parse("images/gone.jpg"), CancellationToken.None);
        await Records.RunAsync("UPDATE image SET update_time = update_time + 1 WHERE id = @edited", new { edited });
        await Store.PutAsync("images/found.jpg");
        await Records.RunAsync("DELETE FROM image WHERE id = @gone", new { gone });

        told.Should().HaveCount(6);
        foreach (var difference in told)
            (await MendAsync(difference)).Should().Be(Mended.NotThere, difference.Key);
        (await Store.KeysAsync()).Should().Equal("images/claimed-now.jpg", "images/found.jpg", "images/replaced.jpg");
        (await Records.ImagesAsync()).Should().Be(3);
    }

    [Fact]
    public async Task A_size_that_differs_is_left_to_a_person()
    {
        await Store.PutAsync("images/a.jpg", 7);
        await Records.ImageAsync("images/a.jpg", store: Store.Real.Name, size: 8);

        (await MendAsync((await FindAsync()).Single())).Should().Be(Mended.Left);

        (await Store.HasAsync("images/a.jpg")).Should().BeTrue();
        (await Records.ImagesAsync()).Should().Be(1);
    }

    [Fact]
    public async Task A_deletion_that_was_given_up_is_told_and_tried_again()
    {
        await Records.DeleteAsync(await StoredAsync("images/a.jpg"));
        await Records.RunAsync("UPDATE object_deletion SET state = 'failed', last_error = 'refused', attempts = 80");

        var told = await ToListAsync(Compare("images/").GivenUpAsync(Records.Deadline));
        (await MendAsync(told.Single())).Should().Be(Mended.Done);
        await Deletions().RoundAsync(WorkShare.Everything, await TenureAsync());

        (await Store.HasAsync("images/a.jpg")).Should().BeFalse();
        (await Records.ImagesAsync()).Should().Be(0);
    }

    [Fact]
    public async Task More_rows_than_a_page_are_all_seen()
    {
        for (var number = 0; number < 5; number++)
            await Records.ImageAsync("images/same.jpg", store: Store.Real.Name);
        var rows = Records is SqliteTestDatabase
            ? "WITH RECURSIVE numbers (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < 2100)"
            : "WITH numbers (n) AS (SELECT generate_series(1, 2100))";
        await Records.RunAsync($"""
            {rows} INSERT INTO image (path, url, create_time, update_time, state, storage, media_type, node)
            SELECT 'images/' || n, '', 0, 0, 'stored', '{Store.Real.Name}', '', '' FROM numbers
            """);

        var comparison = Compare("images/");
        (await ToListAsync(comparison.ObjectsAndRowsAsync(Records.Deadline))).Should().HaveCount(2105);
        comparison.Rows.Should().Be(2105);
    }

    private protected static async Task<List<Difference>> ToListAsync(IAsyncEnumerable<Difference> differences)
    {
        var list = new List<Difference>();
        await foreach (var difference in differences)
            list.Add(difference);
        return list;
    }

    private protected Comparison Compare(string prefix, DateTimeOffset? before = null, string? node = null) => new(
        Store.Real, Rows(), new DeletionQueue(Records.Database, Records.Clock), new ComparisonScope(prefix, before ?? Future, node));

    private protected Task<Mended> MendAsync(Difference difference) => new Mending(
        Store.Real, Rows(), new DeletionQueue(Records.Database, Records.Clock), (_, json) => _removed.Add(json))
        .MendAsync(difference, Records.Deadline);

    private Task<List<Difference>> FindAsync(string prefix = "", DateTimeOffset? before = null, string? node = null) =>
        ToListAsync(Compare(prefix, before, node).ObjectsAndRowsAsync(Records.Deadline));

    private ImageRows Rows() => new(Records.Database, Store.Real.Name, "parts");
}

public sealed class SqliteDiskComparisonSpecs() : ComparisonSpecs(new SqliteTestDatabase(), new DiskBed());

public sealed class SqliteEmulatorComparisonSpecs() : ComparisonSpecs(new SqliteTestDatabase(), new EmulatorBed());

[Collection(PostgresCollection.Name)]
public sealed class PostgresEmulatorComparisonSpecs : ComparisonSpecs
{
    private readonly EmulatorBed _bed;

    public PostgresEmulatorComparisonSpecs(PostgresServer server)
        : this(server, new EmulatorBed())
    {
    }

    private PostgresEmulatorComparisonSpecs(PostgresServer server, EmulatorBed bed)
        : base(new PostgresTestDatabase(server), bed) => _bed = bed;

    [Fact]
    public async Task Parts_are_left_when_no_claim_remembers_them_however_long_an_upload_takes()
    {
        foreach (var key in new[] { "images/left.jpg", "images/under-way.jpg", "images2/other.jpg" })
        {
            await _bed.Emulated.Client.Multipart.InitiateAsync(
                Core.Storage.ObjectKey.Parse(key), new Core.Oss.OssObjectSettings { ContentType = "image/jpeg" }, CancellationToken.None);
        }

        await Records.ImageAsync("images/under-way.jpg", "pending", size: null);

        var told = await ToListAsync(Compare("images/").PartsAsync(Records.Deadline));
        (await ToListAsync(Compare("images/", TimeProvider.System.GetUtcNow().AddHours(-1)).PartsAsync(Records.Deadline))).Should().BeEmpty();
        told.Select(one => (one.Kind, one.Key)).Should().Equal((DifferenceKind.PartsLeft, "images/left.jpg"));
        (await MendAsync(told.Single())).Should().Be(Mended.Done);

        (await _bed.Emulated.UnfinishedAsync()).Should().BeEquivalentTo("images/under-way.jpg", "images2/other.jpg");
    }
}
