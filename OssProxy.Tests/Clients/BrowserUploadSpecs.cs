using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using OssProxy.Emulator;
using OssProxy.Tests.Api;
using OssProxy.Tests.Browsers;
using OssProxy.Tests.Grants;

namespace OssProxy.Tests.Clients;

/// <summary>The kit, and a form without any script, in a real browser on a page of another site: what the browser lets it send and read.</summary>
public sealed partial class BrowserUploadSpecs(Chromium chromium, GrantHouse house) : IClassFixture<Chromium>, IClassFixture<GrantHouse>
{
    private const int Large = (22 << 20) + 7;

    private const string Upload = """
        async ([server, token, name, size, head, options]) => {
          const { createUploader } = await import('/ossproxy-upload.js')
          const bytes = Uint8Array.from(atob(head), one => one.charCodeAt(0))
          const file = new File([bytes, new Uint8Array(Number(size) - bytes.length)], name, { type: 'image/jpeg' })
          const progress = []
          const uploader = createUploader({ baseUrl: server, token, retryDelay: 1, onProgress: done => progress.push(done), ...JSON.parse(options) })
          try {
            window.upload = uploader.upload(file)
            return JSON.stringify({ record: await window.upload, progress })
          } catch ({ code, status, message, way }) {
            return JSON.stringify({ error: { code, status, message, way }, progress })
          }
        }
        """;

    private IReadOnlyList<RequestEntry> Requests => house.Server.Emulator.Requests.Snapshot();

    [Fact]
    public async Task A_page_of_another_site_sends_a_photo_straight_to_the_store()
    {
        var seen = Requests.Count;
        var (said, rows) = await UploadAsync(house.Server, "猫.jpg", Samples.Photo.Length);

        ShouldBeUploaded(said, "direct");
        rows.Should().Be(1);
        var record = said.GetProperty("record");
        record.GetProperty("size").GetInt64().Should().Be(Samples.Photo.Length);
        record.GetProperty("name").GetString().Should().Be("猫.jpg");
        (await house.Server.Client.GetByteArrayAsync(new Uri(record.GetProperty("url").GetString()!))).Should().Equal(Samples.Photo);
        Requests.Skip(seen).Where(entry => entry.Operation is OssOperation.OptionObject or OssOperation.PostObject).Select(entry => (entry.Operation, entry.Status))
            .Should().Equal((OssOperation.OptionObject, 200), (OssOperation.PostObject, 200));
    }

    [Fact]
    public async Task A_large_file_goes_to_the_store_in_parts()
    {
        var seen = Requests.Count;
        var (said, rows) = await UploadAsync(house.Server, "large.jpg", Large);

        ShouldBeUploaded(said, "direct");
        rows.Should().Be(1);
        said.GetProperty("record").GetProperty("size").GetInt64().Should().Be(Large);
        said.GetProperty("progress").GetArrayLength().Should().BeGreaterThan(5);
        Requests.Skip(seen).Where(entry => entry.Operation == OssOperation.UploadPart).Sum(entry => entry.BodyBytes).Should().Be(Large);
        Requests.Skip(seen).Should().NotContain(entry => entry.Operation == OssOperation.PostObject);
    }

    [Fact]
    public async Task A_part_that_fails_is_sent_again_by_itself()
    {
        var seen = Requests.Count;
        using var fault = house.Server.Emulator.Faults.Add(new FaultRule { Operation = OssOperation.UploadPart, First = 2, Count = 1, Reset = FaultReset.DuringBody });

        var (said, rows) = await UploadAsync(house.Server, "large.jpg", Large);

        ShouldBeUploaded(said, "direct");
        rows.Should().Be(1);
        fault.Hits.Should().Be(1);
        Requests.Skip(seen).Count(entry => entry.Operation == OssOperation.UploadPart).Should().Be(6);
    }

    [Fact]
    public async Task Parts_that_do_not_arrive_are_given_up_and_the_file_goes_by_the_gateway()
    {
        using var fault = house.Server.Emulator.Faults.Add(new FaultRule { Operation = OssOperation.UploadPart, Status = 503 });

        var (said, rows) = await UploadAsync(house.Server, "large.jpg", Large, """{ "retries": 0, "via": ["direct", "gateway"] }""");

        ShouldBeUploaded(said, "gateway");
        rows.Should().Be(1);
        StoreContents.HasParts(house.Server.Folder).Should().BeFalse();
    }

    [Theory]
    [InlineData(FaultReset.BeforeBody, null)]
    [InlineData(FaultReset.None, 503)]
    public async Task A_store_that_cannot_be_reached_is_left_for_the_gateway(FaultReset reset, int? status)
    {
        using var fault = house.Server.Emulator.Faults.Add(new FaultRule { Operation = OssOperation.PostObject, Reset = reset, Status = status });

        var (said, rows) = await UploadAsync(house.Server, "a.jpg", 500_000, """{ "retries": 1 }""");

        ShouldBeUploaded(said, "gateway");
        rows.Should().Be(1);
        fault.Hits.Should().BeGreaterThanOrEqualTo(2);
    }

    [Fact]
    public async Task A_bucket_without_a_CORS_rule_is_left_for_the_gateway()
    {
        var folder = Directory.CreateTempSubdirectory("ossproxy-cors-").FullName;
        var options = ApiServer.EmulatorOptions(Path.Combine(folder, "oss"));
        options.CorsOrigins.Clear();
        var emulator = await EmulatorServer.StartAsync(options, CancellationToken.None);
        await using var server = await ApiServer.StartAsync(emulator, folder);

        var (said, rows) = await UploadAsync(server, "a.jpg", 4000, """{ "retries": 0, "token": "" }""");

        ShouldBeUploaded(said, "gateway");
        rows.Should().Be(1);
        emulator.Requests.Snapshot().Should().NotContain(entry => entry.Operation == OssOperation.PostObject, "the browser has asked first");
    }

    [Fact]
    public async Task A_server_without_records_takes_the_file_as_ever()
    {
        await using var server = await ApiServer.StartAsync(("Records:Provider", "none"));

        var (said, _) = await UploadAsync(server, "a.jpg", 4000, """{ "token": "" }""");

        ShouldBeUploaded(said, "proxy");
        (await server.ObjectsAsync()).Should().ContainSingle();
    }

    [Theory]
    [InlineData("large.jpg", 51 << 20, 413, "FileTooLarge", "文件太大：不能超过 50 MB")]
    [InlineData("evil.exe", 4000, 415, "TypeNotAllowed", "文件类型不支持")]
    public async Task What_the_server_does_not_want_is_told_before_a_byte_is_sent(string name, int size, int status, string code, string message)
    {
        var seen = Requests.Count;
        var (said, rows) = await UploadAsync(house.Server, name, size);

        ShouldBeRefused(said, status, code, message);
        rows.Should().Be(0);
        Requests.Skip(seen).Should().BeEmpty();
    }

    [Fact]
    public async Task What_is_something_else_than_its_name_says_is_refused_and_no_other_way_is_tried()
    {
        var seen = Requests.Count;
        var before = await house.Server.RowsAsync();
        var (said, _) = await UploadAsync(house.Server, "a.jpg", 4000, head: "<!DOCTYPE html><script>alert(1)</script>"u8.ToArray());

        ShouldBeRefused(said, 415, "TypeNotAllowed", "文件类型不支持");
        await Eventually.TrueAsync(async () => await house.Server.RowsAsync() == before, "the row that kept it from being recorded is gone");
        Requests.Skip(seen).Count(entry => entry.Operation is OssOperation.PostObject or OssOperation.PutObject).Should().Be(1);
    }

    [Theory]
    [InlineData(OssOperation.PostObject, "a.jpg", 4000)]
    [InlineData(OssOperation.UploadPart, "large.jpg", Large)]
    public async Task An_upload_that_is_called_off_leaves_nothing_behind(OssOperation operation, string name, int size)
    {
        var before = await house.Server.ObjectsAsync();
        using var fault = house.Server.Emulator.Faults.Add(new FaultRule { Operation = operation, Stall = true, ConsumeBody = true });

        var (said, rows) = await UploadAsync(house.Server, name, size, meanwhile: async page =>
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            await fault.WaitForHitAsync(deadline.Token);
            await page.EvaluateAsync("upload.abort()");
        });

        said.GetProperty("error").GetProperty("code").GetString().Should().Be("Aborted");
        rows.Should().Be(0);
        fault.Dispose();
        await Eventually.TrueAsync(() => Task.FromResult(!StoreContents.HasParts(house.Server.Folder)), "no part is left");
        (await house.Server.ObjectsAsync()).Should().BeEquivalentTo(before);
    }

    [Fact]
    public async Task A_store_that_falls_silent_is_not_waited_for_longer_than_told()
    {
        using var fault = house.Server.Emulator.Faults.Add(new FaultRule { Operation = OssOperation.PostObject, Stall = true });

        var (said, _) = await UploadAsync(house.Server, "a.jpg", 4000, """{ "timeout": 2000, "retries": 0, "via": ["direct"] }""");

        said.GetProperty("error").GetProperty("code").GetString().Should().Be("TimedOut");
        fault.Hits.Should().Be(1);
    }

    [Fact]
    public async Task The_example_for_browsers_shows_where_the_file_is()
    {
        using var kit = new ClientKit(house.Server.Address);
        await using var site = await ClientSite.StartAsync(
            kit, """<!doctype html><link rel="icon" href="data:,"><input type="file"><progress></progress><output></output><script type="module" src="/examples/browser.js"></script>""");
        await using var visit = await chromium.VisitAsync();
        await visit.Page.GotoAsync(site.Address, new() { WaitUntil = WaitUntilState.Load });
        var (_, token) = await house.UserAsync();
        await visit.Page.EvaluateAsync("token => localStorage.setItem('token', token)", token);
        var before = (await house.Server.RowsAsync()).Stored;

        await visit.Page.Locator("input").SetInputFilesAsync(Photo());

        await Assertions.Expect(visit.Page.Locator("output")).ToHaveTextAsync(Image());
        (await visit.Page.EvaluateAsync<double>("document.querySelector('progress').value")).Should().Be(1);
        ((await house.Server.RowsAsync()).Stored - before).Should().Be(1);
        visit.Complaints.Should().BeEmpty();
    }

    [Theory]
    [InlineData("1", "direct", true)]
    [InlineData("4", "direct", false)]
    [InlineData("1", "gateway", false)]
    [InlineData("4", "gateway", true)]
    public async Task A_form_without_any_script_uploads_a_photo(string version, string via, bool isConfirmed)
    {
        var (_, token) = await house.UserAsync();
        var policy = await house.PolicyAsync($"?file_name=photo.jpg&version={version}&via={via}", token);
        using var kit = new ClientKit(house.Server.Address);
        await using var site = await ClientSite.StartAsync(kit, Filled(kit.Read("form.html"), policy));
        await using var visit = await chromium.VisitAsync();
        await visit.Page.GotoAsync(site.Address);

        await visit.Page.Locator("input[type=file]").SetInputFilesAsync(Photo());
        var response = await visit.Page.RunAndWaitForResponseAsync(
            () => visit.Page.Locator("button").ClickAsync(), one => one.Request.Method == "POST");

        response.Status.Should().Be(200);
        var (grant, key) = (GrantHouse.Text(policy, "grant"), GrantHouse.Text(policy, "key"));
        if (isConfirmed)
            (await house.ConfirmAsync(grant, token: token)).ShouldBeOk();
        await house.ExpireAsync(grant, altogether: true);
        await house.KeepAsync();
        (await house.RowsOfAsync(key)).Should().Be(1);
    }

    private async Task<(JsonElement Said, int Rows)> UploadAsync(
        ApiServer server, string name, int size, string options = "{}", byte[]? head = null, Func<IPage, Task>? meanwhile = null)
    {
        using var kit = new ClientKit(server.Address);
        await using var site = await ClientSite.StartAsync(kit, "<!doctype html><title>other</title>");
        await using var visit = await chromium.VisitAsync();
        await visit.Page.GotoAsync(site.Address);
        var token = server == house.Server ? (await house.UserAsync()).Token : "";
        var before = await StoredAsync();

        string[] given =
        [
            server.Address.GetLeftPart(UriPartial.Authority), token, name, size.ToString(CultureInfo.InvariantCulture),
            Convert.ToBase64String(head ?? Samples.Photo.AsSpan(0, Math.Min(size, Samples.Photo.Length)).ToArray()), options,
        ];
        var upload = visit.Page.EvaluateAsync<string>(Upload, given);
        if (meanwhile is not null)
            await meanwhile(visit.Page);
        var said = await upload;
        return (JsonDocument.Parse(said).RootElement, await StoredAsync() - before);

        async Task<int> StoredAsync() => File.Exists(Path.Combine(server.Folder, "data", "records.db")) ? (await server.RowsAsync()).Stored : 0;
    }

    private static void ShouldBeUploaded(JsonElement said, string way)
    {
        said.TryGetProperty("error", out var error).Should().BeFalse($"{error}");
        said.GetProperty("record").GetProperty("way").GetString().Should().Be(way);
        said.GetProperty("progress").EnumerateArray().Select(done => done.GetDouble()).Should()
            .BeInAscendingOrder().And.OnlyHaveUniqueItems().And.StartWith(0).And.EndWith(1);
    }

    private static void ShouldBeRefused(JsonElement said, int status, string code, string message) =>
        said.GetProperty("error").GetRawText().Should().Be(JsonSerializer.Serialize(new { code, status, message, way = "direct" }, Plain));

    private static JsonSerializerOptions Plain { get; } = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static FilePayload Photo() => new() { Name = "photo.jpg", MimeType = "image/jpeg", Buffer = Samples.Photo };

    // What the server of the example's page would do.
    private static string Filled(string html, JsonElement policy)
    {
        var hidden = Hidden().Match(html).Value;
        var inputs = policy.GetProperty("fields").EnumerateObject().Select(field => hidden
            .Replace("{name}", field.Name, StringComparison.Ordinal)
            .Replace("{value}", System.Net.WebUtility.HtmlEncode(field.Value.GetString()), StringComparison.Ordinal));
        return html.Replace(hidden, string.Join('\n', inputs), StringComparison.Ordinal)
            .Replace("{host}", GrantHouse.Text(policy, "host"), StringComparison.Ordinal);
    }

    [GeneratedRegex("<input type=\"hidden\"[^>]*>", RegexOptions.None, 1000)]
    private static partial Regex Hidden();

    [GeneratedRegex(@"^http://.*\.jpg$", RegexOptions.None, 1000)]
    private static partial Regex Image();
}
