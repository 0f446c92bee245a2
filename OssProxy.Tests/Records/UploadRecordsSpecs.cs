using OssProxy.Core.Records;
using OssProxy.Core.Storage;

namespace OssProxy.Tests.Records;

/// <summary>The duties of <see cref="IUploadRecords"/>, proved for every database.</summary>
public abstract partial class UploadRecordsSpecs : IAsyncLifetime
{
    private static readonly DateTimeOffset Created = new(2026, 1, 5, 16, 0, 0, TimeSpan.FromHours(8));

    private readonly List<RecordsDatabase> _opened = [];
    private int _keys;

    /// <summary>Ends a test that hangs.</summary>
    protected CancellationToken Deadline { get; } = new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    protected RecordsDatabase Database { get; private set; } = null!;

    protected UploadRecords Records { get; private set; } = null!;

    public virtual async Task InitializeAsync()
    {
        Database = Open();
        await Database.StartAsync(Deadline);
        Records = Node("node-a");
    }

    public virtual async Task DisposeAsync()
    {
        foreach (var database in _opened)
            await database.DisposeAsync();
    }

    [Fact]
    public async Task A_claim_is_pending_until_it_is_finished()
    {
        var upload = NewUpload();
        var id = await Records.ClaimAsync(upload, Deadline);

        (await Pending(Records)).Should().Equal(new PendingUpload(id, "oss", upload.Key));

        await Records.FinishAsync([new FinishedUpload(id, 1234, 5)], new Filing(await ClassAsync(), Created), Deadline);

        (await Pending(Records)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_finished_row_holds_what_was_stored()
    {
        var id = await Records.ClaimAsync(NewUpload() with { OriginalName = "照片 'x\".jpg" }, Deadline);
        await Records.FinishAsync([new FinishedUpload(id, 5_000_000_000, ulong.MaxValue)], new Filing(await ClassAsync(), Created), Deadline);

        var row = await Row(id);

        row.State.Should().Be("stored");
        row.Path.Should().StartWith("images/20260105/");
        row.Url.Should().StartWith("https://img.example.com/images/");
        row.Storage.Should().Be("oss");
        row.MediaType.Should().Be("image/jpeg");
        row.OriginalName.Should().Be("照片 'x\".jpg");
        row.Size.Should().Be(5_000_000_000);
        row.Crc64.Should().Be("18446744073709551615");
        row.ClassId.Should().Be(await ClassAsync());
        row.CreateTime.Should().Be(Created.ToUnixTimeMilliseconds());
        row.Node.Should().Be("node-a");
        (row.Name, row.Order, row.Status).Should().Be(("", 50, 1));
    }

    [Fact]
    public async Task A_name_that_databases_refuse_is_stored_readable()
    {
        var nul = await Records.ClaimAsync(NewUpload() with { OriginalName = "nul\0inside.jpg" }, Deadline);
        var half = await Records.ClaimAsync(NewUpload() with { OriginalName = "half a pair \uD83D" }, Deadline);

        (await Row(nul)).OriginalName.Should().Be("nul\uFFFDinside.jpg");
        (await Row(half)).OriginalName.Should().Be("half a pair \uFFFD");
    }

    [Fact]
    public async Task Several_rows_are_finished_all_or_none()
    {
        var first = await Records.ClaimAsync(NewUpload(), Deadline);
        var second = await Records.ClaimAsync(NewUpload(), Deadline);
        var third = await Records.ClaimAsync(NewUpload(), Deadline);
        await Records.ReleaseAsync(second, Deadline);

        var finish = () => Records.FinishAsync([Finished(first), Finished(second), Finished(third)], new Filing(0, Created), Deadline);

        (await finish.Should().ThrowAsync<RecordsException>()).Which.Error.Should().Be(RecordsError.ClaimLost);
        (await Pending(Records)).Select(row => row.Id).Should().Equal(first, third);

        await Records.FinishAsync([Finished(first), Finished(third)], new Filing(0, Created), Deadline);
        (await Pending(Records)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_row_is_finished_once()
    {
        var id = await Records.ClaimAsync(NewUpload(), Deadline);
        await Records.FinishAsync([Finished(id)], new Filing(0, Created), Deadline);

        var again = () => Records.FinishAsync([Finished(id)], new Filing(0, Created), Deadline);
        var twice = async () =>
        {
            var other = await Records.ClaimAsync(NewUpload(), Deadline);
            await Records.FinishAsync([Finished(other), Finished(other)], new Filing(0, Created), Deadline);
        };

        (await again.Should().ThrowAsync<RecordsException>()).Which.Error.Should().Be(RecordsError.ClaimLost);
        (await twice.Should().ThrowAsync<RecordsException>()).Which.Error.Should().Be(RecordsError.ClaimLost);
    }

    [Fact]
    public async Task A_release_removes_a_pending_row_and_leaves_a_stored_one()
    {
        var pending = await Records.ClaimAsync(NewUpload(), Deadline);
        var stored = await Records.ClaimAsync(NewUpload(), Deadline);
        await Records.FinishAsync([Finished(stored)], new Filing(0, Created), Deadline);

        await Records.ReleaseAsync(pending, Deadline);
        await Records.ReleaseAsync(pending, Deadline);
        await Records.ReleaseAsync(stored, Deadline);
        await Records.ReleaseAsync(987_654, Deadline);

        (await Pending(Records)).Should().BeEmpty();
        (await Row(stored)).State.Should().Be("stored");
    }

    [Fact]
    public async Task An_id_is_never_given_again()
    {
        var first = await Records.ClaimAsync(NewUpload(), Deadline);
        await Records.ReleaseAsync(first, Deadline);

        (await Records.ClaimAsync(NewUpload(), Deadline)).Should().BeGreaterThan(first);
    }

    [Fact]
    public async Task A_claim_belongs_to_the_node_that_made_it()
    {
        var other = Node("node-b");
        var id = await Records.ClaimAsync(NewUpload(), Deadline);

        (await Pending(other)).Should().BeEmpty();
        await other.ReleaseAsync(id, Deadline);
        var finish = () => other.FinishAsync([Finished(id)], new Filing(0, Created), Deadline);

        (await finish.Should().ThrowAsync<RecordsException>()).Which.Error.Should().Be(RecordsError.ClaimLost);
        (await Pending(Records)).Should().ContainSingle();
    }

    [Fact]
    public async Task Leftovers_are_found_oldest_first_within_their_bounds()
    {
        var ids = new List<long>();
        for (var i = 0; i < 5; i++)
            ids.Add(await Records.ClaimAsync(NewUpload(), Deadline));

        (await Records.PendingAsync(ids[3], 10, Deadline)).Select(row => row.Id).Should().Equal(ids.Skip(4));
        (await Records.PendingAsync(0, 2, Deadline)).Select(row => row.Id).Should().Equal(ids.Take(2));
    }

    [Fact]
    public async Task What_a_node_claimed_is_found_after_a_restart()
    {
        var id = await Records.ClaimAsync(NewUpload(), Deadline);
        await Database.DisposeAsync();

        var reopened = Open();
        await reopened.StartAsync(Deadline);

        (await Pending(new UploadRecords(reopened, "node-a", TimeProvider.System))).Should().ContainSingle().Which.Id.Should().Be(id);
    }

    [Fact]
    public async Task Sixty_four_uploads_at_once_meet_no_lock()
    {
        var filed = await ClassAsync();
        await Parallel.ForAsync(0, 512, new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = Deadline }, async (i, token) =>
        {
            var id = await Records.ClaimAsync(NewUpload(), token);
            if (i % 4 == 0)
                await Records.ReleaseAsync(id, token);
            else
                await Records.FinishAsync([Finished(id)], new Filing(i % 2 == 0 ? 0 : filed, Created), token);
        });

        (await Pending(Records)).Should().BeEmpty();
        (await Count()).Should().Be(384);
    }

    [Fact]
    public async Task A_failure_among_concurrent_finishes_is_nobody_elses()
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Records.ClaimAsync(NewUpload(), Deadline)));
        foreach (var id in ids.Where((_, i) => i % 8 == 0))
            await Records.ReleaseAsync(id, Deadline);

        var lost = await Task.WhenAll(ids.Select(async id =>
        {
            try
            {
                await Records.FinishAsync([Finished(id)], new Filing(0, Created), Deadline);
                return 0;
            }
            catch (RecordsException e) when (e.Error == RecordsError.ClaimLost)
            {
                return 1;
            }
        }));

        lost.Sum().Should().Be(8);
        (await Count()).Should().Be(56);
    }

    [Fact]
    public async Task A_cancelled_claim_writes_nothing()
    {
        var claim = () => Records.ClaimAsync(NewUpload(), new CancellationToken(canceled: true));

        await claim.Should().ThrowAsync<OperationCanceledException>();
        (await Pending(Records)).Should().BeEmpty();
    }

    [Fact]
    public async Task Claims_that_are_cancelled_in_the_crowd_leave_no_row_behind()
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Deadline);
        var claims = Enumerable.Range(0, 200).Select(async i =>
        {
            if (i == 100)
                await cancellation.CancelAsync();
            try
            {
                return await Records.ClaimAsync(NewUpload(), cancellation.Token);
            }
            catch (OperationCanceledException)
            {
                return 0;
            }
        });

        var given = (await Task.WhenAll(claims)).Where(id => id > 0);

        (await Pending(Records)).Select(row => row.Id).Should().BeEquivalentTo(given);
    }

    /// <summary>Opens the database of this test, as one more process would.</summary>
    protected abstract RecordsDatabase Create(bool empty);

    protected static NewUpload NewUploadOf(int number)
    {
        var key = ObjectKey.Parse($"images/20260105/{number}_9fa0c31b77de.jpg");
        return new NewUpload("oss", key, "https://img.example.com/" + key, "image/jpeg", "photo.jpg");
    }

    protected static FinishedUpload Finished(long id) => new(id, 1000, 42);

    protected NewUpload NewUpload() => NewUploadOf(Interlocked.Increment(ref _keys));

    protected RecordsDatabase Open() => Remembered(Create(empty: false));

    private RecordsDatabase OpenEmpty() => Remembered(Create(empty: true));

    private RecordsDatabase Remembered(RecordsDatabase database)
    {
        _opened.Add(database);
        return database;
    }

    private UploadRecords Node(string name) => new(Database, name, TimeProvider.System);

    private Task<IReadOnlyList<PendingUpload>> Pending(UploadRecords records) => records.PendingAsync(0, 1000, Deadline);

    private Task<long> Count() => Database.ReadAsync(session => session.ScalarAsync<long>("SELECT count(*) FROM image"), Deadline);

    private async Task<ImageRow> Row(long id)
    {
        const string sql = """
            SELECT image_class_id AS ClassId, path AS Path, name AS Name, url AS Url, "order" AS "Order", status AS Status,
                create_time AS CreateTime, state AS State, storage AS Storage, size AS Size, media_type AS MediaType,
                crc64 AS Crc64, original_name AS OriginalName, node AS Node
            FROM image WHERE id = @id
            """;
        var rows = await Database.ReadAsync(session => session.QueryAsync<ImageRow>(sql, new { id }), Deadline);
        return rows.Should().ContainSingle().Which;
    }

    private sealed class ImageRow
    {
        public long ClassId { get; init; }
        public string Path { get; init; } = "";
        public string Name { get; init; } = "";
        public string Url { get; init; } = "";
        public int Order { get; init; }
        public int Status { get; init; }
        public long CreateTime { get; init; }
        public string State { get; init; } = "";
        public string Storage { get; init; } = "";
        public long? Size { get; init; }
        public string MediaType { get; init; } = "";
        public string? Crc64 { get; init; }
        public string? OriginalName { get; init; }
        public string Node { get; init; } = "";
    }
}
