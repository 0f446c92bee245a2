using OssProxy.Core.Records;
using OssProxy.Core.Storage;
using OssProxy.Tests.Reconciliation;
using OssProxy.Tests.Records;

namespace OssProxy.Tests.Grants;

/// <summary>What grants promise on every database.</summary>
public abstract class UploadGrantsSpecs(TestDatabase bed) : IAsyncLifetime
{
    private static readonly DateTimeOffset At = new(2026, 11, 28, 8, 0, 0, TimeSpan.Zero);
    private int _tokens;

    private UploadGrants Grants { get; set; } = null!;

    public async Task InitializeAsync()
    {
        await bed.StartAsync();
        Grants = Node();
    }

    public async Task DisposeAsync() => await bed.DisposeAsync();

    [Fact]
    public async Task A_grant_is_found_by_its_token_as_it_was_given()
    {
        var given = New("images/a.jpg") with { OriginalName = "猫.jpg", UploadId = "u1", PartBytes = 7, ClassId = 3, MinBytes = 2 };
        var id = await AddAsync(given);

        var found = await Grants.FindAsync(given.Token, bed.Deadline);

        found.Should().BeEquivalentTo(given, options => options.Excluding(one => one.CountedAs).Excluding(one => one.Lifetime));
        // Two looks at the clock, and a busy machine between them.
        (found!.ExpiresAt - found.CreatedAt).Should().BeCloseTo(given.Lifetime, TimeSpan.FromSeconds(5));
        found.ReadAt.Should().BeOnOrAfter(found.CreatedAt);
        found!.Id.Should().Be(id);
        found.IsPrefix.Should().BeFalse();
        (await Grants.FindAsync("nobody's", bed.Deadline)).Should().BeNull();
    }

    [Theory]
    [InlineData("uploads/7/a/b.jpg", "uploads/7/,uploads/7/a/")]
    [InlineData("uploads/7/x.jpg", "uploads/7/,uploads/7/x.jpg")]
    [InlineData("uploads/70/x.jpg", "")]
    [InlineData("uploads/7", "")]
    [InlineData("Uploads/7/x.jpg", "")]
    public async Task A_key_is_covered_by_its_own_grant_and_by_those_of_the_folders_above_it(string key, string paths)
    {
        foreach (var path in new[] { "uploads/7/", "uploads/7/a/", "uploads/7/x.jpg" })
            await AddAsync(New(path));

        var covering = await Grants.CoveringAsync("oss", "bucket", ObjectKey.Parse(key), bed.Deadline);

        covering.Select(grant => grant.Path).Should().BeEquivalentTo(paths.Split(',', StringSplitOptions.RemoveEmptyEntries));
        covering.Count(grant => grant.Covers(ObjectKey.Parse(key))).Should().Be(covering.Count);
        (await Grants.CoveringAsync("oss", "other", ObjectKey.Parse(key), bed.Deadline)).Should().BeEmpty();
    }

    [Fact]
    public async Task An_object_that_many_report_at_once_has_one_record_and_is_counted_once()
    {
        var grant = await GrantAsync("images/a.jpg");
        var usage = new DailyUsage("li", 0, 20261128, MaxFiles: 2, MaxBytes: null);
        var nodes = Enumerable.Range(0, 8).Select(_ => Node()).ToList();

        var records = await Task.WhenAll(nodes.Select(node => node.RecordAsync(Object(grant, "images/a.jpg"), new Filing(0, At) { Usage = usage }, bed.Deadline)));

        records.Select(record => record.Id).Distinct().Should().ContainSingle();
        (await bed.ImagesAsync()).Should().Be(1);
        (await bed.CountAsync("SELECT files FROM upload_usage")).Should().Be(1);
        records[0].Should().BeEquivalentTo(new
        {
            Path = "images/a.jpg",
            Url = "https://img.example.com/images/a.jpg",
            Size = 5L,
            MediaType = "image/jpeg",
            Crc64 = "18446744073709551615",
            Owner = "user:7",
            CreatedBy = "li",
            CreatedAt = At,
            Width = 2,
            Storage = "oss",
            Bucket = "bucket",
        });
    }

    [Fact]
    public async Task What_is_too_much_for_a_day_leaves_no_record()
    {
        var usage = new DailyUsage("li", 0, 20261128, MaxFiles: 1, MaxBytes: null);
        await Grants.RecordAsync(Object(await GrantAsync("images/a.jpg"), "images/a.jpg"), new Filing(0, At) { Usage = usage }, bed.Deadline);
        var grant = await GrantAsync("images/b.jpg");

        var recording = () => Grants.RecordAsync(Object(grant, "images/b.jpg"), new Filing(0, At) { Usage = usage }, bed.Deadline);

        await recording.Should().ThrowAsync<RecordsException>().Where(failure => failure.Error == RecordsError.DailyLimitReached);
        (await bed.ImagesAsync()).Should().Be(1);
    }

    [Fact]
    public async Task A_class_that_has_gone_gets_nothing()
    {
        var grant = await GrantAsync("images/a.jpg");

        var recording = () => Grants.RecordAsync(Object(grant, "images/a.jpg"), new Filing(99, At), bed.Deadline);

        await recording.Should().ThrowAsync<RecordsException>().Where(failure => failure.Error == RecordsError.ClassNotFound);
        (await bed.ImagesAsync()).Should().Be(0);
    }

    [Fact]
    public async Task An_upload_under_a_grant_takes_its_key_and_one_without_takes_none()
    {
        var grant = await GrantAsync("uploads/7/");
        var records = new UploadRecords(bed.Database, "node-a", bed.Clock);
        var upload = Upload("uploads/7/a.jpg") with { GrantId = grant.Id };
        var first = await records.ClaimAsync(upload, bed.Deadline);

        var second = () => records.ClaimAsync(upload, bed.Deadline);
        await second.Should().ThrowAsync<RecordsException>().Where(failure => failure.Error == RecordsError.KeyTaken);
        var reporting = () => Grants.RecordAsync(Object(grant, "uploads/7/a.jpg"), new Filing(0, At), bed.Deadline);
        await reporting.Should().ThrowAsync<RecordsException>().Where(failure => failure.Error == RecordsError.KeyTaken);

        await records.ReleaseAsync(first, bed.Deadline);
        await records.ClaimAsync(upload, bed.Deadline);
        await records.ClaimAsync(Upload("images/x.jpg"), bed.Deadline);
        await records.ClaimAsync(Upload("images/x.jpg"), bed.Deadline);
    }

    [Fact]
    public async Task What_is_due_is_taken_by_one_and_comes_again_when_nobody_was_done_with_it()
    {
        for (var i = 0; i < 10; i++)
            await Grants.AddAsync(New($"images/{i}.jpg"), TimeSpan.Zero, 100, bed.Deadline);
        await AddAsync(New("images/later.jpg"));

        var taken = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Node().TakeDueAsync(4, TimeSpan.FromMinutes(10), bed.Deadline)));
        var rest = await Grants.TakeDueAsync(20, TimeSpan.FromMinutes(10), bed.Deadline);

        taken.SelectMany(grants => grants).Concat(rest).Select(grant => grant.Path).Should().OnlyHaveUniqueItems().And.HaveCount(10);
        (await Grants.TakeDueAsync(20, TimeSpan.Zero, bed.Deadline)).Should().BeEmpty();
        var one = taken.First(grants => grants.Count > 0)[0];
        await Grants.LookNowAsync(one.Token, isReported: false, bed.Deadline);
        (await Grants.TakeDueAsync(20, TimeSpan.Zero, bed.Deadline)).Should().ContainSingle().Which.Id.Should().Be(one.Id);
        await Grants.RemoveAsync(one, bed.Deadline);
        (await Grants.FindAsync(one.Token, bed.Deadline)).Should().NotBeNull("somebody wants it looked at");
        await Grants.LookInAsync(one.Id, TimeSpan.Zero, bed.Deadline);
        (await Grants.TakeDueAsync(20, TimeSpan.FromMinutes(1), bed.Deadline)).Should().ContainSingle();
        await Grants.RemoveAsync(one, bed.Deadline);
        (await Grants.FindAsync(one.Token, bed.Deadline)).Should().BeNull();
    }

    [Fact]
    public async Task An_object_is_recorded_or_condemned_and_never_both()
    {
        var (one, other) = (Node(), Node());
        for (var i = 0; i < 20; i++)
        {
            var key = $"images/{i}.jpg";
            var grant = await GrantAsync(key);
            var condemning = one.CondemnAsync(grant, ObjectKey.Parse(key), bed.Deadline);
            var record = await other.RecordAsync(Object(grant, key), new Filing(0, At), bed.Deadline);

            var condemned = await condemning;

            if (condemned is null)
                record.DeletedAt.Should().NotBeNull("nobody is told that it is stored");
            else
                (condemned.Id, condemned.DeletedAt).Should().Be((record.Id, null));
            (await bed.CountAsync("SELECT count(*) FROM object_deletion WHERE image_id = @Id AND state = 'running'", new { record.Id }))
                .Should().Be(condemned is null ? 1 : 0);
        }
    }

    [Fact]
    public async Task What_somebody_wants_looked_at_at_once_is_not_put_off_by_who_has_it_in_hand()
    {
        var grant = await GrantAsync("images/a.jpg");
        await Grants.LookNowAsync(grant.Token, isReported: true, bed.Deadline);
        (await Grants.TakeDueAsync(10, TimeSpan.FromMinutes(10), bed.Deadline)).Should().ContainSingle().Which.IsReported.Should().BeTrue();

        await Grants.LookNowAsync(grant.Token, isReported: false, bed.Deadline);
        await Grants.LookInAsync(grant.Id, TimeSpan.FromHours(1), bed.Deadline);

        (await Grants.TakeDueAsync(10, TimeSpan.FromMinutes(10), bed.Deadline)).Should().ContainSingle().Which.IsReported.Should().BeTrue("once is for good");
        await Grants.LookInAsync(grant.Id, TimeSpan.FromHours(1), bed.Deadline);
        (await Grants.TakeDueAsync(10, TimeSpan.FromMinutes(10), bed.Deadline)).Should().BeEmpty();
    }

    [Fact]
    public async Task What_is_settled_makes_room_for_the_next()
    {
        for (var i = 0; i < 3; i++)
        {
            var given = New($"images/{i}.jpg");
            await Grants.AddAsync(given, TimeSpan.FromHours(1), most: 1, bed.Deadline);
            var grant = (await Grants.FindAsync(given.Token, bed.Deadline))!;
            await Grants.RecordAsync(Object(grant, given.Path), new Filing(0, At), bed.Deadline);
        }
    }

    [Fact]
    public async Task One_name_has_so_many_open_grants_however_many_ask_at_once()
    {
        var asked = await Task.WhenAll(Enumerable.Range(0, 12).Select(async i =>
        {
            try
            {
                await Grants.AddAsync(New($"images/{i}.jpg"), TimeSpan.FromHours(1), most: 3, bed.Deadline);
                return true;
            }
            catch (RecordsException failure) when (failure.Error == RecordsError.TooManyGrants)
            {
                return false;
            }
        }));

        // PostgreSQL counts what others have committed: a crowd may pass the limit by as many as it is, never for long.
        asked.Count(granted => granted).Should().BeGreaterThanOrEqualTo(3);
        if (bed is SqliteTestDatabase)
            asked.Count(granted => granted).Should().Be(3);
        var again = () => Grants.AddAsync(New("images/more.jpg"), TimeSpan.FromHours(1), most: 3, bed.Deadline);
        await again.Should().ThrowAsync<RecordsException>();
        await Grants.AddAsync(New("images/other.jpg") with { CountedAs = "somebody else" }, TimeSpan.FromHours(1), most: 3, bed.Deadline);
    }

    [Fact]
    public async Task A_record_tells_what_its_object_has_become()
    {
        var grant = await GrantAsync("uploads/7/");
        var record = await Grants.RecordAsync(Object(grant, "uploads/7/a.jpg"), new Filing(0, At), bed.Deadline);
        var changed = Object(grant, "uploads/7/a.jpg") with { Length = 9, Crc64 = 1 };
        var usage = new DailyUsage("li", 0, 20261128, MaxFiles: null, MaxBytes: 5);

        (await Grants.ChangeAsync(record, changed, usage, bed.Deadline)).Should().BeTrue();
        (await bed.CountAsync("SELECT bytes FROM upload_usage")).Should().Be(4, "it has grown by so much");
        (await Grants.ChangeAsync(record, changed with { Length = 8 }, usage: null, bed.Deadline)).Should().BeFalse("it is not the record any more that was seen");
        var seen = (await Grants.RecordOfAsync("oss", "bucket", ObjectKey.Parse("uploads/7/a.jpg"), bed.Deadline))!;
        var growing = () => Grants.ChangeAsync(seen, changed with { Length = 100 }, usage, bed.Deadline);
        await growing.Should().ThrowAsync<RecordsException>().Where(failure => failure.Error == RecordsError.DailyLimitReached);

        var now = await Grants.RecordOfAsync("oss", "bucket", ObjectKey.Parse("uploads/7/a.jpg"), bed.Deadline);
        (now!.Id, now.Size, now.Crc64).Should().Be((record.Id, 9, "1"));
        await bed.DeleteAsync(record.Id);
        (await Grants.ChangeAsync(record, changed, usage: null, bed.Deadline)).Should().BeFalse();
        (await Grants.RecordOfAsync("oss", "bucket", ObjectKey.Parse("uploads/7/a.jpg"), bed.Deadline))!.DeletedAt.Should().NotBeNull();
    }

    private UploadGrants Node() => new(bed.Open(bed.Clock), bed.Clock);

    private Task<long> AddAsync(NewGrant grant) => Grants.AddAsync(grant, TimeSpan.FromHours(1), 1000, bed.Deadline);

    private async Task<UploadGrant> GrantAsync(string path)
    {
        var grant = New(path);
        await AddAsync(grant);
        return (await Grants.FindAsync(grant.Token, bed.Deadline))!;
    }

    private NewGrant New(string path) => new($"{Interlocked.Increment(ref _tokens):D32}", GrantKind.Put, "oss", "bucket", path, "{}", "user:7", "user:7")
    {
        MaxBytes = 100,
        Lifetime = TimeSpan.FromMinutes(10),
    };

    private static NewUpload Upload(string key) => new("oss", ObjectKey.Parse(key), "https://img.example.com/" + key, "image/jpeg", "猫.jpg")
    {
        Bucket = "bucket",
        Owner = "user:7",
        CreatedBy = "li",
        Width = 2,
        Height = 3,
    };

    private static GrantedObject Object(UploadGrant grant, string key) => new(grant, Upload(key) with { GrantId = grant.Id }, 5, ulong.MaxValue);
}

public sealed class SqliteUploadGrantsSpecs() : UploadGrantsSpecs(new SqliteTestDatabase());

[Collection(PostgresCollection.Name)]
public sealed class PostgresUploadGrantsSpecs(PostgresServer server) : UploadGrantsSpecs(new PostgresTestDatabase(server));
