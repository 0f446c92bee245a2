using System.Globalization;
using System.Text.Json;
using OssProxy.Emulator;
using OssProxy.Tests.Api;
using OssProxy.Tests.Grants;

namespace OssProxy.Tests.Clients;

/// <summary>Clients as mini-programs run them, in node over real sockets, against each kind of deployment: whatever they know of us, there is
/// one object and one record.</summary>
public sealed class MiniProgramSpecs(GrantHouse oss, LocalHouse local, CallbackHouse calling)
    : IClassFixture<GrantHouse>, IClassFixture<LocalHouse>, IClassFixture<CallbackHouse>
{
    private static readonly string Photo = Samples.PathOf("photo.jpg");

    [Theory]
    [InlineData("direct", false)]
    [InlineData("direct", true)]
    [InlineData("gateway", false)]
    [InlineData("gateway", true)]
    [InlineData("proxy", true)]
    [InlineData("local", true)]
    public async Task The_kit_uploads_by_every_way(string way, bool statusAsText)
    {
        using var run = await BeginAsync(oss);

        var said = await run.ClientAsync("kit", new { statusAsText, uploader = new { via = new[] { way } } });

        ShouldBeUploaded(said, way);
        await run.ShouldHaveOneMoreAsync();
        if (way != "local")
            await ShouldReadBackAsync(oss, said.GetProperty("record").GetProperty("url").GetString()!);
    }

    [Fact]
    public async Task The_class_goes_with_the_file_by_every_way()
    {
        var classId = await oss.ClassAsync("{}");
        foreach (var way in new[] { "direct", "gateway", "proxy" })
        {
            using var run = await BeginAsync(oss);
            var said = await run.ClientAsync("kit", new { imageClassId = classId, uploader = new { via = new[] { way } } });

            said.GetProperty("record").GetProperty("image_class_id").GetInt64().Should().Be(classId, way);
        }
    }

    [Fact]
    public async Task Where_there_is_no_OSS_the_kit_is_sent_to_the_gateway_at_once()
    {
        using var run = await BeginAsync(local);

        var said = await run.ClientAsync("kit", new { uploader = new { via = new[] { "direct" } } });

        ShouldBeUploaded(said, "direct");
        said.GetProperty("record").GetProperty("url").GetString().Should().StartWith("/public/uploads/");
        await run.ShouldHaveOneMoreAsync();
    }

    [Theory]
    [InlineData("kit")]
    [InlineData("wechat")]
    public async Task A_store_that_calls_back_makes_no_second_record(string client)
    {
        using var run = await BeginAsync(calling);
        var calls = calling.Callbacks;

        var said = await run.ClientAsync(client);

        if (client == "kit")
            said.GetProperty("record").GetProperty("id").GetInt64().Should().BePositive("what was told to the store came back with its answer");
        (calling.Callbacks - calls).Should().Be(1);
        await run.ShouldHaveOneMoreAsync();
    }

    [Fact]
    public async Task A_store_that_answers_no_form_is_left_for_the_gateway()
    {
        using var run = await BeginAsync(oss);
        using var fault = oss.Server.Emulator.Faults.Add(new FaultRule { Operation = OssOperation.PostObject, Status = 503 });

        var said = await run.ClientAsync("kit");

        ShouldBeUploaded(said, "gateway");
        fault.Hits.Should().Be(3, "one try and two more");
        await run.ShouldHaveOneMoreAsync();
    }

    [Fact]
    public async Task A_file_whose_answer_was_lost_is_not_sent_again()
    {
        using var run = await BeginAsync(oss);
        using var fault = oss.Server.Emulator.Faults.Add(new FaultRule { Operation = OssOperation.PostObject, Reset = FaultReset.BeforeReply });

        var said = await run.ClientAsync("kit");

        ShouldBeUploaded(said, "direct");
        fault.Hits.Should().Be(1);
        await run.ShouldHaveOneMoreAsync();
    }

    [Fact]
    public async Task A_store_that_takes_nothing_at_all_is_left_for_the_servers_disk_where_that_is_wanted()
    {
        using var run = await BeginAsync(oss);
        using var form = oss.Server.Emulator.Faults.Add(new FaultRule { Operation = OssOperation.PostObject, Reset = FaultReset.BeforeBody });
        using var put = oss.Server.Emulator.Faults.Add(new FaultRule { Operation = OssOperation.PutObject, Status = 500 });

        var failed = await run.ClientAsync("kit", new { uploader = new { retries = 0 } });
        var said = await run.ClientAsync("kit", new { uploader = new { retries = 0, via = new[] { "direct", "gateway", "proxy", "local" } } });

        var error = failed.GetProperty("error");
        error.GetProperty("way").GetString().Should().Be("proxy");
        error.GetProperty("code").GetString().Should().Be("StoreFailed");
        error.GetProperty("message").GetString().Should().Be("上传失败: 存储服务出错，请稍后重试");
        ShouldBeUploaded(said, "local");
    }

    [Fact]
    public async Task Who_may_not_come_in_is_told_so_by_the_first_way()
    {
        using var run = await BeginAsync(oss, "no-token-of-ours");

        var error = (await run.ClientAsync("kit")).GetProperty("error");

        error.GetProperty("code").GetString().Should().Be("TokenInvalid");
        error.GetProperty("status").GetInt32().Should().Be(401);
        error.GetProperty("way").GetString().Should().Be("direct");
    }

    [Theory]
    [InlineData("oss", "")]
    [InlineData("oss", "&via=gateway")]
    [InlineData("local", "")]
    public async Task A_client_that_knows_nothing_of_us_uploads_and_the_keeper_makes_its_record(string deployment, string query)
    {
        GrantHouse house = deployment == "oss" ? oss : local;
        using var run = await BeginAsync(house);

        var said = await run.ClientAsync("seed", new { query });

        said.TryGetProperty("error", out var error).Should().BeFalse($"{error}");
        await ShouldReadBackAsync(house, said.GetProperty("url").GetString()!);
        await house.ExpireAsync(said.GetProperty("grant").GetString()!, altogether: true);
        await house.KeepAsync();
        await run.ShouldHaveOneMoreAsync();
        (await house.RowsOfAsync(said.GetProperty("key").GetString()!)).Should().Be(1);
    }

    [Theory]
    [InlineData("oss", "bare")]
    [InlineData("oss", "wechat")]
    [InlineData("oss", "uni")]
    [InlineData("local", "bare")]
    [InlineData("local", "wechat")]
    [InlineData("local", "uni")]
    public async Task The_examples_for_mini_programs_upload_a_photo(string deployment, string client)
    {
        GrantHouse house = deployment == "oss" ? oss : local;
        using var run = await BeginAsync(house);

        var said = await run.ClientAsync(client);

        var url = said.TryGetProperty("record", out var record) ? record.GetProperty("url") : said.GetProperty("url");
        await ShouldReadBackAsync(house, url.GetString()!);
        await run.ShouldHaveOneMoreAsync();
        if (client == "uni")
            said.GetProperty("progress").EnumerateArray().Select(text => text.GetString()).Should().StartWith("0%").And.EndWith("100%");
    }

    [Theory]
    [InlineData("oss", "auto")]
    [InlineData("oss", "gateway")]
    [InlineData("local", "auto")]
    public async Task The_example_for_command_lines_uploads_a_photo(string deployment, string via)
    {
        GrantHouse house = deployment == "oss" ? oss : local;
        using var run = await BeginAsync(house);

        var output = await ClientKit.RunAsync(
            "sh", [Path.Combine(run.Kit.Folder, "examples", "direct.sh"), Photo], ("TOKEN", run.Token), ("VIA", via));

        var record = JsonDocument.Parse(output).RootElement.GetProperty("data");
        await ShouldReadBackAsync(house, record.GetProperty("url").GetString()!);
        await run.ShouldHaveOneMoreAsync();
    }

    private static void ShouldBeUploaded(JsonElement said, string way)
    {
        said.TryGetProperty("error", out var error).Should().BeFalse($"{error}");
        said.GetProperty("record").GetProperty("way").GetString().Should().Be(way);
        said.GetProperty("progress").EnumerateArray().Select(done => done.GetDouble()).Should()
            .BeInAscendingOrder().And.OnlyHaveUniqueItems().And.StartWith(0).And.EndWith(1);
    }

    private static async Task ShouldReadBackAsync(GrantHouse house, string url)
    {
        using var response = await house.Server.Client.GetAsync(new Uri(url, UriKind.RelativeOrAbsolute));
        (await response.Content.ReadAsByteArrayAsync()).Should().Equal(Samples.Photo, url);
    }

    private static async Task<Run> BeginAsync(GrantHouse house, string? token = null)
    {
        var (_, own) = await house.UserAsync();
        return new Run(house, new ClientKit(house.Server.Address), token ?? own, (await house.Server.RowsAsync()).Stored);
    }

    /// <summary>One client of one user, and what was there before it.</summary>
    private sealed record Run(GrantHouse House, ClientKit Kit, string Token, int Before) : IDisposable
    {
        public Task<JsonElement> ClientAsync(string client, object? options = null) => Kit.RunAsync(client, Token, Photo, options);

        public async Task ShouldHaveOneMoreAsync()
        {
            var rows = await House.Server.RowsAsync();
            (rows.Stored - Before).Should().Be(1, string.Create(CultureInfo.InvariantCulture, $"{rows.Pending} are pending"));
            rows.Pending.Should().Be(0);
        }

        public void Dispose() => Kit.Dispose();
    }
}
