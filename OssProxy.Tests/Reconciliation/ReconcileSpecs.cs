using Microsoft.AspNetCore.Builder;
using OssProxy.Api.Diagnosis;
using OssProxy.Api.Reconciling;
using OssProxy.Core.Storage;
using OssProxy.Core.Streams;
using OssProxy.Emulator;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Reconciliation;

/// <summary>What <c>reconcile</c> prints, does and ends with, beside a server that runs.</summary>
public sealed class ReconcileSpecs : IAsyncLifetime
{
    private const string Chat = "/api/chat/uploadAliyun";

    private ApiServer? _server;

    private ApiServer Server => _server!;

    public async Task InitializeAsync() => _server = await ApiServer.StartAsync(
        ("Uploads:PartBytes", "1048576"), ("Reconciliation:PollInterval", "00:00:00.2"));

    public async Task DisposeAsync() => await Server.DisposeAsync();

    [Fact]
    public async Task A_deployment_in_agreement_is_told_so()
    {
        await UploadAsync();

        var run = await RunAsync("--grace", "00:00:00");

        run.ExitCode.Should().Be(0, run.Output);
        run.Output.Should().Contain("比较了 oss 中以 images/ 开头的 1 个对象和 1 条记录").And.Contain("记录与对象一致。");
    }

    [Fact]
    public async Task A_dry_run_tells_everything_and_changes_nothing()
    {
        await OrphanAsync("images/a b.jpg");
        await RowAsync("images/lost.jpg");

        var run = await RunAsync("--dry-run", "--limit", "1", "--grace=00:00:00");

        run.ExitCode.Should().Be(2, run.Output);
        run.Output.Should().MatchRegex("(?m)^object-without-row images/a%20b.jpg 5 [0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z$")
            .And.MatchRegex("(?m)^row-without-object [0-9]+ images/lost.jpg$").And.Contain("仍有不一致");
        (await Server.ObjectsAsync()).Should().HaveCount(1);
        (await Server.RowsAsync()).Stored.Should().Be(1);
    }

    [Fact]
    public async Task What_a_client_may_still_send_or_report_is_no_difference()
    {
        using var answer = await Server.Client.PostAsync("/oss/presign", new StringContent("""{"file_name":"a.jpg"}""", System.Text.Encoding.UTF8, "application/json"));
        var put = (await Answer.ReadAsync(answer)).Row;
        await OrphanAsync(put.GetProperty("key").GetString()!);
        using var begun = await Server.Client.PostAsync("/oss/parts", new StringContent("""{"file_name":"a.jpg","size":10}""", System.Text.Encoding.UTF8, "application/json"));
        (await Answer.ReadAsync(begun)).ShouldBeOk();

        foreach (var arguments in new[] { new[] { "--dry-run", "--grace", "00:00:00" }, ["--grace", "00:00:00"] })
            (await RunAsync(arguments)).Output.Should().Contain("记录与对象一致。");

        (await Server.ObjectsAsync()).Should().ContainSingle();
    }

    [Fact]
    public async Task What_differs_is_mended_and_the_next_run_finds_agreement()
    {
        var kept = await UploadAsync();
        await OrphanAsync("images/a.jpg");
        await OrphanAsync("images2/a.jpg");
        await RowAsync("images/lost.jpg");

        var run = await RunAsync("--prefix", "images", "--grace", "00:00:00");

        run.ExitCode.Should().Be(0, run.Output);
        run.Output.Should().Contain("mended object-without-row images/a.jpg").And.Contain("mended row-without-object images/lost.jpg")
            .And.MatchRegex("(?m)^removing-row [0-9]+ \\{.*\"path\":\"images/lost.jpg\".*\\}$").And.Contain("已全部处理");
        (await Server.ObjectsAsync()).Should().BeEquivalentTo(kept, "images2/a.jpg");
        (await Server.RowsAsync()).Should().Be(new StoreContents.Rows(0, 1));
        (await RunAsync("--grace", "00:00:00")).ExitCode.Should().Be(0);
    }

    [Fact]
    public async Task What_an_earlier_system_left_under_the_same_prefix_is_no_orphan()
    {
        await OrphanAsync("images/of-egg.jpg");
        await SqlAsync($"UPDATE records_schema SET applied_at = {TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeMilliseconds()}");

        var run = await RunAsync("--grace", "00:00:00");

        run.ExitCode.Should().Be(0, run.Output);
        run.Output.Should().Contain("另有 1 个对象早于本服务开始记录的时间");
        (await Server.ObjectsAsync()).Should().Equal("images/of-egg.jpg");
    }

    [Fact]
    public async Task What_is_younger_than_the_grace_is_left_alone()
    {
        await OrphanAsync("images/a.jpg");
        await RowAsync("images/lost.jpg");

        var run = await RunAsync();

        run.ExitCode.Should().Be(0, run.Output);
        (await Server.ObjectsAsync()).Should().HaveCount(1);
        (await Server.RowsAsync()).Stored.Should().Be(1);
    }

    [Fact]
    public async Task More_than_a_tenth_looks_like_a_mistake_unless_the_operator_says_how_many()
    {
        for (var number = 0; number < 11; number++)
            await OrphanAsync($"images/{number}.jpg");

        var run = await RunAsync("--grace", "00:00:00");

        run.ExitCode.Should().Be(2, run.Output);
        run.Output.Should().Contain("超过十分之一").And.Contain("--limit");
        (await Server.ObjectsAsync()).Should().HaveCount(11);
        (await RunAsync("--grace", "00:00:00", "--limit", "11")).ExitCode.Should().Be(0);
        (await Server.ObjectsAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task An_object_whose_url_is_a_registered_image_stays()
    {
        await OrphanAsync("images/shown.jpg");
        var url = ((ObjectStores)Server.Services.GetService(typeof(ObjectStores))!).Main.Links.For(ObjectKey.Parse("images/shown.jpg"));
        await SqlAsync($"""
            INSERT INTO image (path, url, create_time, update_time, state, storage, media_type, node)
            VALUES ('', '{url}', 1, 1, 'stored', 'link', 'image/jpeg', '')
            """);

        var run = await RunAsync("--grace", "00:00:00");

        run.ExitCode.Should().Be(2, run.Output);
        run.Output.Should().Contain("left object-without-row images/shown.jpg");
        (await Server.ObjectsAsync()).Should().Equal("images/shown.jpg");
    }

    [Fact]
    public async Task More_than_the_limit_looks_like_a_mistake_and_nothing_is_touched()
    {
        for (var number = 0; number < 4; number++)
            await OrphanAsync($"images/{number}.jpg");
        await RowAsync("images/lost.jpg");

        var run = await RunAsync("--limit", "3", "--grace", "00:00:00");

        run.ExitCode.Should().Be(2, run.Output);
        run.Output.Should().Contain("超过 3 处").And.Contain("Oss:Bucket").And.Contain("--dry-run");
        (await Server.ObjectsAsync()).Should().HaveCount(4);
        (await Server.RowsAsync()).Stored.Should().Be(1);
        (await RunAsync("--limit", "4", "--grace", "00:00:00")).ExitCode.Should().Be(0);
        (await Server.ObjectsAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task The_local_disk_is_compared_beside_the_server_that_has_it()
    {
        using var response = await Server.Client.PostAsync("/api/chat/uploadStreamSingleToServerDiy/chatImgs", new Form().File("file", "a.jpg", Samples.Photo).ToContent());
        response.EnsureSuccessStatusCode();
        var folder = Path.Combine(Server.Folder, "data", "uploads");
        var disk = new FileSystemObjectStore(folder, "other", new BufferBudget(BufferBudget.MinBytes));
        await disk.PutAsync(ObjectKey.Parse("chatImgs/orphan.jpg"), Content(), CancellationToken.None);
        await RowAsync("chatImgs/lost.jpg", "local");

        var run = await RunAsync("--store", "local", "--grace", "00:00:00");

        run.ExitCode.Should().Be(0, run.Output);
        run.Output.Should().Contain("mended object-without-row chatImgs/orphan.jpg").And.Contain("mended row-without-object chatImgs/lost.jpg");
        (await disk.HeadAsync(ObjectKey.Parse("chatImgs/orphan.jpg"), CancellationToken.None)).Should().BeNull();
        (await Server.RowsAsync()).Stored.Should().Be(1);
    }

    [Fact]
    public async Task Uploads_under_way_lose_nothing_and_what_is_acknowledged_is_there()
    {
        using var half = await Server.ConnectAsync();
        var form = new Form().File("img", "a.jpg", Samples.PhotoOf(3_000_000)).ToBytes();
        await half.SendAsync(Form.Head(Chat + "?mode=parts", form.Length));
        await half.SendAsync(form.AsMemory(0, 2_500_000));
        await Eventually.TrueAsync(() => Task.FromResult(StoreContents.HasParts(Server.Folder)), "a part is stored");
        using var unanswered = Server.Emulator.Faults.Add(
            new FaultRule { Operation = OssOperation.PutObject, Delay = TimeSpan.FromSeconds(2), Count = 1 });
        var slow = UploadAsync();
        await Eventually.TrueAsync(() => StoreContents.HasObjectAsync(Server.Folder), "an object is stored whose row is pending");

        var first = await RunAsync("--grace", "00:00:00");
        first.ExitCode.Should().Be(0, first.Output);
        first.Output.Should().NotContain("object-without-row").And.NotContain("parts-left");

        var uploads = Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            var keys = new List<string>();
            for (var number = 0; number < 15; number++)
                keys.Add(await UploadAsync());
            return keys;
        }));
        while (!uploads.IsCompleted)
        {
            var run = await RunAsync("--grace", "00:00:00");
            run.Output.Should().NotContain("mended ");
        }

        await half.SendAsync(form.AsMemory(2_500_000));
        await Eventually.TrueAsync(async () => (await Server.RowsAsync()).Pending == 0, "the last upload has ended");
        var acknowledged = (await uploads).SelectMany(keys => keys).Append(await slow).ToList();
        (await Server.ObjectsAsync()).Should().Contain(acknowledged).And.HaveCount(acknowledged.Count + 1);
        (await Server.RowsAsync()).Stored.Should().Be(acknowledged.Count + 1);
        (await RunAsync("--grace", "00:00:00")).Output.Should().Contain("记录与对象一致。");
    }

    [Fact]
    public async Task Two_that_reconcile_at_once_do_no_more_than_one()
    {
        var kept = await UploadAsync();
        for (var number = 0; number < 20; number++)
        {
            await OrphanAsync($"images/{number}.jpg");
            await RowAsync($"images/lost-{number}.jpg");
        }

        var runs = await Task.WhenAll(
            RunAsync("--grace", "00:00:00", "--limit", "100"), RunAsync("--grace", "00:00:00", "--limit", "100"));

        runs.Should().OnlyContain(run => run.ExitCode == 0);
        (await Server.ObjectsAsync()).Should().Equal(kept);
        (await Server.RowsAsync()).Stored.Should().Be(1);
    }

    [Theory]
    [InlineData("不认识的参数 --dry-rum", "--dry-rum")]
    [InlineData("--limit 的值“0”无效", "--limit", "0")]
    [InlineData("--grace 的值“soon”无效", "--grace", "soon")]
    [InlineData("--store 的值“s3”无效", "--store=s3")]
    [InlineData("--prefix 后面缺少值", "--prefix")]
    [InlineData("--prefix 的值“”无效", "--prefix=")]
    [InlineData("--prefix 后面缺少值", "--prefix", "--dry-run")]
    [InlineData("不认识的参数 images/", "images/")]
    [InlineData("Oss:Endpoint", "--Oss:Endpoint", "http://127.0.0.1:1")]
    [InlineData("Records:Provider 是 none", "--Records:Provider=none")]
    [InlineData("不存在", "--Records:ConnectionString=Data Source=no-such.db")]
    [InlineData("Oss:Bucket", "--Oss:Bucket=no-such-bucket")]
    [InlineData("Reconciliation:ClaimDeadline 必须大于 Uploads:TimeBudget", "--Reconciliation:ClaimDeadline=05:00:00")]
    [InlineData("Reconciliation:Unfinished 的值“keep”无效", "--Reconciliation:Unfinished=keep")]
    [InlineData("Reconciliation:PollIntervall 不是已有的设置", "--Reconciliation:PollIntervall=00:00:01")]
    public async Task What_cannot_run_says_why_and_touches_nothing(string said, params string[] words)
    {
        await OrphanAsync("images/a.jpg");

        var run = await RunAsync([.. words, "--grace=00:00:00"]);

        run.ExitCode.Should().Be(1, run.Output);
        run.Output.Should().Contain("✗").And.Contain(said).And.NotContain("   at ");
        (await Server.ObjectsAsync()).Should().HaveCount(1);
    }

    [Fact]
    public async Task A_deletion_that_was_given_up_is_told_by_the_doctor_and_taken_up_again()
    {
        var key = await UploadAsync();
        await SqlAsync($"UPDATE image SET deleted_at = 1 WHERE path = '{key}'");
        await SqlAsync($"INSERT INTO object_deletion (image_id, storage, path, due_at, state, attempts, last_error, create_time) SELECT id, 'oss', path, 0, 'failed', 80, 'refused twice', 0 FROM image");
        await using var doctor = new StringWriter();
        await Doctor.RunAsync(WebApplication.CreateBuilder([.. Settings()]), doctor);
        doctor.ToString().Should().Contain("! 删除：1 个");

        var run = await RunAsync();

        run.ExitCode.Should().Be(0, run.Output);
        run.Output.Should().MatchRegex("(?m)^deletion-given-up [0-9]+ images/.* refused%20twice$").And.Contain("mended deletion-given-up");
        await Eventually.TrueAsync(
            async () => (await Server.ObjectsAsync()).Count == 0 && (await Server.RowsAsync()).Stored == 0, "the server's worker has done it");
    }

    private async Task<(int ExitCode, string Output)> RunAsync(params string[] words)
    {
        await using var output = new StringWriter();
        var exitCode = await Reconcile.RunAsync([.. Settings(), .. words], output);
        return (exitCode, output.ToString());
    }

    private IEnumerable<string> Settings() => ApiServer.Settings(Server.Emulator.Address, Server.Folder)
        .Where(setting => setting.Key.Contains(':', StringComparison.Ordinal) && !setting.Key.StartsWith("Serilog", StringComparison.Ordinal))
        .Select(setting => $"--{setting.Key}={setting.Value}");

    private async Task<string> UploadAsync()
    {
        using var response = await Server.Client.PostAsync(Chat, new Form().File("img", "a.jpg", Samples.Photo).ToContent());
        return (await Answer.ReadAsync(response)).Row.GetProperty("path").GetString()!;
    }

    private Task<StoredObject> OrphanAsync(string key) =>
        ((ObjectStores)Server.Services.GetService(typeof(ObjectStores))!).Main.Store.PutAsync(ObjectKey.Parse(key), Content(), CancellationToken.None);

    private static ObjectContent Content() => new() { Body = new MemoryStream(new byte[5]), Length = 5, ContentType = "image/jpeg" };

    private Task RowAsync(string path, string store = "oss") => SqlAsync($"""
        INSERT INTO image (path, url, create_time, update_time, state, storage, media_type, node)
        VALUES ('{path}', '', 1, {TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()}, 'stored', '{store}', '', '')
        """);

    private async Task SqlAsync(string sql)
    {
        await using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(Server.Folder, "data", "records.db")};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
