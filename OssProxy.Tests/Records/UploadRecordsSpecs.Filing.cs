using OssProxy.Core.Records;

namespace OssProxy.Tests.Records;

// How finished rows are filed: under a class that is there, and within what their owner may store.
public abstract partial class UploadRecordsSpecs
{
    private long _class;

    [Fact]
    public async Task What_is_known_of_a_file_beforehand_and_afterwards_is_in_its_row()
    {
        var upload = NewUpload() with
        {
            Bucket = "photos",
            Name = "假日",
            Owner = "user-7",
            CreatedBy = "client",
            Width = 4000,
            Height = 3000,
        };
        var id = await Records.ClaimAsync(upload, Deadline);
        await Records.FinishAsync([Finished(id) with { Sha256 = new string('a', 64) }], new Filing(0, Created), Deadline);

        var row = await Database.ReadAsync(session => session.QueryAsync<LibraryRow>(
            """
            SELECT bucket AS Bucket, name AS Name, owner AS Owner, created_by AS CreatedBy, sha256 AS Sha256, width AS Width, height AS Height,
                coalesce(deleted_at, 0) AS DeletedAt
            FROM image WHERE id = @Id
            """,
            new { Id = id }), Deadline);

        row.Should().Equal(new LibraryRow("photos", "假日", "user-7", "client", new string('a', 64), 4000, 3000, 0));
    }

    [Fact]
    public async Task A_class_that_has_gone_takes_no_row_and_the_claim_stays()
    {
        var first = await Records.ClaimAsync(NewUpload(), Deadline);
        var second = await Records.ClaimAsync(NewUpload(), Deadline);

        foreach (var ids in new[] { new[] { first }, [first, second] })
        {
            var finish = () => Records.FinishAsync([.. ids.Select(Finished)], new Filing(4711, Created), Deadline);
            (await finish.Should().ThrowAsync<RecordsException>()).Which.Error.Should().Be(RecordsError.ClassNotFound);
        }

        (await Pending(Records)).Select(row => row.Id).Should().Equal(first, second);
    }

    [Fact]
    public async Task A_lost_claim_is_not_taken_for_a_lost_class()
    {
        var id = await Records.ClaimAsync(NewUpload(), Deadline);
        var filing = new Filing(await ClassAsync(), Created);
        await Records.ReleaseAsync(id, Deadline);

        var finish = () => Records.FinishAsync([Finished(id)], filing, Deadline);

        (await finish.Should().ThrowAsync<RecordsException>()).Which.Error.Should().Be(RecordsError.ClaimLost);
    }

    [Theory]
    [InlineData(10L, null, 10)]
    [InlineData(null, 7_500L, 7)]
    [InlineData(3L, 2_000L, 2)]
    public async Task An_owner_stores_what_a_day_allows_and_no_more_however_many_finish_at_once(long? files, long? bytes, int most)
    {
        var filing = new Filing(0, Created) { Usage = new DailyUsage("user-7", 0, 20260105, files, bytes) };
        var ids = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Records.ClaimAsync(NewUpload(), Deadline)));

        var stored = await Task.WhenAll(ids.Select(id => TryFinishAsync(id, filing)));

        stored.Count(done => done).Should().Be(most);
        (await Pending(Records)).Should().HaveCount(40 - most, "what is refused has changed nothing");
    }

    [Fact]
    public async Task Owners_classes_and_days_count_for_themselves_and_a_refusal_counts_nothing()
    {
        var usage = new DailyUsage("user-7", 0, 20260105, 2, null);
        var filed = await ClassAsync();

        (await FinishSeveralAsync(3, usage)).Should().BeFalse();
        (await FinishSeveralAsync(2, usage)).Should().BeTrue("the three that were refused count nothing");
        (await FinishSeveralAsync(1, usage)).Should().BeFalse();
        (await FinishSeveralAsync(2, usage with { Owner = "user-8" })).Should().BeTrue();
        (await FinishSeveralAsync(2, usage with { Day = 20260106 })).Should().BeTrue();
        (await FinishSeveralAsync(2, usage with { ClassId = filed })).Should().BeTrue();
    }

    [Fact]
    public async Task A_day_that_is_used_up_is_known_before_anything_is_sent()
    {
        var usage = new DailyUsage("user-7", 0, 20260105, 2, null);
        await usage.RequireRoomAsync(Database, Deadline);
        await FinishSeveralAsync(2, usage);

        var look = () => usage.RequireRoomAsync(Database, Deadline);

        (await look.Should().ThrowAsync<RecordsException>()).Which.Error.Should().Be(RecordsError.DailyLimitReached);
        await (usage with { MaxFiles = 3 }).RequireRoomAsync(Database, Deadline);
    }

    [Fact]
    public async Task With_the_first_upload_of_a_day_the_days_before_the_last_are_forgotten()
    {
        var usage = new DailyUsage("user-7", 0, 20260104, 2, null);
        var days = new[] { 20251230, 20260103, 20260104 };
        foreach (var day in days)
            await FinishSeveralAsync(1, usage with { Day = day });
        (await DaysAsync("user-7")).Should().Equal(20260103, 20260104);
        foreach (var other in new[] { usage with { Owner = "user-8" }, usage with { ClassId = await ClassAsync() } })
            await FinishSeveralAsync(1, other with { Day = 20251230 });

        (await FinishSeveralAsync(3, usage with { Day = 20260105 })).Should().BeFalse();
        (await DaysAsync("user-7")).Should().Equal(20251230, 20260103, 20260104);
        (await FinishSeveralAsync(1, usage with { Day = 20260105 })).Should().BeTrue();
        (await FinishSeveralAsync(1, usage with { Day = 20260105 })).Should().BeTrue();

        (await DaysAsync("user-7")).Should().Equal([20251230, 20260104, 20260105], "the other class counts for itself");
        (await DaysAsync("user-8")).Should().Equal(20251230);
        (await FinishSeveralAsync(2, usage)).Should().BeFalse("what began yesterday counts for yesterday");
        (await FinishSeveralAsync(1, usage)).Should().BeTrue();
    }

    private Task<IReadOnlyList<int>> DaysAsync(string owner) => Database.ReadAsync(
        session => session.QueryAsync<int>("SELECT day FROM upload_usage WHERE owner = @Owner ORDER BY day", new { Owner = owner }), Deadline);

    private async Task<bool> FinishSeveralAsync(int count, DailyUsage usage)
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => Records.ClaimAsync(NewUpload(), Deadline)));
        try
        {
            await Records.FinishAsync([.. ids.Select(Finished)], new Filing(usage.ClassId, Created) { Usage = usage }, Deadline);
            return true;
        }
        catch (RecordsException refusal) when (refusal.Error == RecordsError.DailyLimitReached)
        {
            return false;
        }
    }

    private async Task<bool> TryFinishAsync(long id, Filing filing)
    {
        try
        {
            await Records.FinishAsync([Finished(id)], filing, Deadline);
            return true;
        }
        catch (RecordsException refusal) when (refusal.Error == RecordsError.DailyLimitReached)
        {
            return false;
        }
    }

    // A class that is there; the same one for the whole test.
    protected async Task<long> ClassAsync()
    {
        if (_class == 0)
        {
            _class = await Database.WriteAsync(
                WriteScope.Statement,
                session => session.ScalarAsync<long>(
                    "INSERT INTO image_class (name, create_time, update_time) VALUES ('photos', 0, 0) RETURNING id"),
                Deadline);
        }

        return _class;
    }

    private sealed record LibraryRow(
        string Bucket, string Name, string Owner, string CreatedBy, string Sha256, int Width, int Height, long DeletedAt)
    {
        // Each driver has integers of its own width.
        public LibraryRow(string bucket, string name, string owner, string createdBy, string sha256, long width, long height, long deletedAt)
            : this(bucket, name, owner, createdBy, sha256, (int)width, (int)height, deletedAt)
        {
        }
    }
}
