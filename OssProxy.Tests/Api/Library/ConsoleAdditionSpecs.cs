using System.Globalization;
using System.Text.Json;

namespace OssProxy.Tests.Api.Library;

/// <summary>What was added to the contract: usage, policies, restoring, searching, exporting.</summary>
public sealed class ConsoleAdditionSpecs : ConsoleSpecs
{
    [Fact]
    public async Task Usage_tells_what_a_class_holds_by_itself_and_with_those_below_it()
    {
        var root = await ClassAsync("根");
        var child = await ClassAsync("子", root);
        await ClassAsync("空");
        await UploadAsync("/admin/image/upload", root, "a.jpg");
        await UploadAsync("/admin/image/upload", child, "b.jpg", "c.jpg");
        await LinkAsync("链接");
        var size = Samples.Photo.Length;

        (await SendAsync("GET", "/admin/image_class/usage")).ShouldSay(
            """[{"id":0,"pid":0,"name":"未分类","images_count":1,"bytes":0,"total_images_count":1,"total_bytes":0},"""
            + $$"""{"id":1,"pid":0,"name":"根","images_count":1,"bytes":{{size}},"total_images_count":3,"total_bytes":{{3 * size}}},"""
            + $$"""{"id":2,"pid":1,"name":"子","images_count":2,"bytes":{{2 * size}},"total_images_count":2,"total_bytes":{{2 * size}}},"""
            + """{"id":3,"pid":0,"name":"空","images_count":0,"bytes":0,"total_images_count":0,"total_bytes":0}]""");
    }

    [Fact]
    public async Task A_policy_is_set_inherited_and_taken_away()
    {
        var root = await ClassAsync("根");
        var child = await ClassAsync("子", root);
        (await SendAsync("POST", $"/admin/image_class/{root}/policy", """{"max_file_bytes":1000,"types":["png"]}""")).ShouldBeOk();
        var set = await SendAsync("POST", $"/shop/admin/imageclass/{child}/policy", """{"keep_name":true}""");

        set.Data.GetProperty("own").GetRawText().Should().Be("""{"keep_name":true}""");
        var effective = set.Data.GetProperty("effective");
        effective.GetProperty("max_file_bytes").GetInt64().Should().Be(1000);
        effective.GetProperty("types").GetRawText().Should().Be("""["png"]""");
        effective.GetProperty("keep_name").GetBoolean().Should().BeTrue();
        (await SendAsync("GET", $"/admin/image_class/{child}/policy")).Data.GetRawText().Should().Be(set.Data.GetRawText());
        using (var form = new Form().File("img", "a.jpg", Samples.Photo).ToContent())
            ((int)(await SendAsync("POST", $"/admin/image/upload?imageClassId={child}", form)).Status).Should().BeOneOf(413, 415);
        (await SendAsync("POST", "/shop/admin/image", $$"""{"url":"/a.jpg","name":"图片","image_class_id":{{child}}}""")).ShouldFail(415, "TypeNotAllowed");

        (await SendAsync("POST", $"/admin/image_class/{child}/policy", """{"max_file_byte":1}""")).ShouldFail(422, "PolicyInvalid");
        (await SendAsync("POST", $"/admin/image_class/{child}/policy", """{"prefix":"Derived/a"}""")).ShouldFail(422, "FieldInvalid");
        (await SendAsync("POST", $"/admin/image_class/{child}/policy", """{"types":[]}""")).ShouldFail(422, "PolicyInvalid");
        (await SendAsync("POST", $"/admin/image_class/{child}/policy", """{"sha256":true,"sha256":false}""")).ShouldFail(422, "FieldInvalid");
        (await SendAsync("POST", $"/admin/image_class/{child}/policy", "[]")).ShouldFail(422, "PolicyInvalid");
        (await SendAsync("POST", $"/admin/image_class/{child}/policy")).ShouldFail(422, "FieldInvalid");
        (await SendAsync("GET", "/admin/image_class/99/policy")).ShouldFail(400, "ClassNotFound");

        (await SendAsync("POST", $"/admin/image_class/{child}/policy", "{}")).Data.GetProperty("own").ValueKind.Should().Be(JsonValueKind.Null);
        (await SendAsync("POST", $"/admin/image_class/{root}/policy", "null")).Data.GetProperty("own").ValueKind.Should().Be(JsonValueKind.Null);
        (await SendAsync("GET", $"/admin/image_class/{child}/policy")).Data.GetProperty("effective").GetRawText()
            .Should().Be((await SendAsync("GET", "/admin/image_class/0/policy")).Data.GetProperty("effective").GetRawText());
    }

    [Fact]
    public async Task A_registered_url_counts_against_what_a_class_takes_in_a_day()
    {
        var id = await ClassAsync("少");
        (await SendAsync("POST", $"/admin/image_class/{id}/policy", """{"files_per_day":1}""")).ShouldBeOk();
        await LinkAsync("第一", id);

        (await SendAsync("POST", "/shop/admin/image", $$"""{"url":"/b.png","name":"第二","image_class_id":{{id}}}"""))
            .ShouldFail(429, "DailyLimitReached");
    }

    [Fact]
    public async Task What_was_deleted_is_listed_and_comes_back()
    {
        var id = await ClassAsync("分类");
        await UploadAsync("/admin/image/upload", id, "a.jpg", "b.jpg");
        (await SendAsync("POST", "/admin/image/delete_all", """{"ids":["1","2"]}""")).ShouldSay("true");

        var deleted = await SendAsync("GET", "/shop/admin/image/deleted/1");
        deleted.Data.GetProperty("totalCount").GetInt32().Should().Be(2);
        Steady(deleted).Should().Contain("\"deleted_at\":\"TIME\"");

        (await SendAsync("POST", "/shop/admin/image/1/restore")).ShouldSay("""{"restored":1}""");
        (await SendAsync("POST", "/admin/image/1/restore")).ShouldFail(409, "ImageNotRestorable");
        (await SendAsync("POST", "/admin/image/restore", """{"ids":[1,2]}""")).ShouldSay("""{"restored":1}""");
        (await SendAsync("GET", $"/admin/image_class/{id}/image/1")).Data.GetProperty("totalCount").GetInt32().Should().Be(2);
        (await SendAsync("GET", "/admin/image/deleted/1")).ShouldSay("""{"list":[],"totalCount":0}""");

        (await SendAsync("DELETE", $"/admin/image_class/{id}")).ShouldSay("true");
        (await SendFormAsync("/admin/image/restore", "ids=1,2")).ShouldSay("""{"restored":2}""");
        (await SendAsync("GET", "/admin/image_class/0/image/1")).Data.GetProperty("totalCount").GetInt32().Should().Be(2, "its class has gone");
    }

    [Fact]
    public async Task A_search_finds_by_owner_class_word_and_day()
    {
        var id = await ClassAsync("分类");
        await UploadAsync("/admin/image/upload", id, "a.jpg");
        (await PostAsync("/api/chat/uploadAliyun", new Form().File("img", "Client 100%.jpg", Samples.Photo))).ShouldBeOk();
        var created = (await SendAsync("GET", "/admin/image/search/1")).Data.GetProperty("list")[0].GetProperty("create_time").GetString()!;
        var day = DateTime.ParseExact(created[..10], "yyyy-MM-dd", CultureInfo.InvariantCulture);
        string Day(int more) => day.AddDays(more).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        (string Query, int Count)[] searches =
        [
            ("", 2), ("owner=admin", 1), ("owner=mallory", 0), ("owner=", 1), ("owner=%20", 1), ("owner=&keyword=client", 1),
            ("owner=&from=&to=&image_class_id=&keyword=", 1), ($"image_class_id={id}", 1), ("imageClassId=0", 1),
            ("keyword=client", 1), ("keyword=100%25", 1), ("keyword=1_0", 0), ($"from={Day(-1)}&to={Day(1)}", 2), ($"from={Day(0)}", 2),
            ($"from={Day(2)}", 0), ($"to={Day(-2)}", 0), ("from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00+08:00", 0),
            ($"from={Day(-2)}T00:00:00%2B08:00", 2), ($"from={Day(-2)} 00:00:00", 2), ($"owner=admin&keyword=client", 0),
        ];
        foreach (var (query, count) in searches)
        {
            var found = await SendAsync("GET", "/admin/image/search/1?" + query);
            found.ShouldBeOk();
            found.Data.GetProperty("totalCount").GetInt32().Should().Be(count, query);
        }

        (await SendAsync("GET", "/shop/admin/image/search/1?limit=1&order=asc")).Data.GetProperty("list")[0].GetProperty("id").GetInt64().Should().Be(1);
    }

    [Fact]
    public async Task A_page_holds_a_hundred_images_at_most()
    {
        for (var i = 0; i < 101; i++)
            (await SendAsync("POST", "/shop/admin/image", $$"""{"url":"/{{i}}.png","name":"图{{i}}"}""")).ShouldBeOk();

        (await NamesAsync(SendAsync("GET", "/admin/image/search/1?limit=5000"))).Should().HaveCount(100);
        (await NamesAsync(SendAsync("GET", "/admin/image/search/2?limit=100"))).Should().Equal("图0");
    }

    [Theory]
    [InlineData("", "text/csv; charset=utf-8; header=present", "csv")]
    [InlineData("format=csv", "text/csv; charset=utf-8; header=present", "csv")]
    [InlineData("format=ndjson", "application/x-ndjson; charset=utf-8", "ndjson")]
    public async Task An_export_holds_every_row_that_its_filters_meet(string format, string type, string extension)
    {
        var id = await ClassAsync("分类");
        await LinkAsync("=1+1", id);
        await LinkAsync("甲,\"乙\"", id);
        await LinkAsync("别处");
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/admin/image/export?{format}&image_class_id={id}");
        request.Headers.Add("token", ApiServer.AdminKey);

        using var response = await Server.Client.SendAsync(request);

        response.Content.Headers.ContentType!.ToString().Should().Be(type);
        response.Content.Headers.ContentDisposition!.ToString().Should().MatchRegex($"^attachment; filename=\"?images-[0-9]{{8}}\\.{extension}\"?$");
        response.Headers.GetValues("X-Content-Type-Options").Should().Equal("nosniff");
        var text = System.Text.Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync());
        if (extension == "csv")
        {
            var lines = text.Split("\r\n");
            lines.Should().HaveCount(4);
            lines[0].Should().StartWith("\uFEFFid,image_class_id,name,original_name,url,path,mime,size,");
            lines[1].Should().StartWith("1,1,'=1+1,,https://cdn.example.com/%3D1%2B1.png,,image/png,,,,50,1,admin,admin,link,");
            lines[2].Should().StartWith("2,1,\"甲,\"\"乙\"\"\",,");
            lines[3].Should().BeEmpty();
        }
        else
        {
            var lines = text.Split('\n');
            lines.Should().HaveCount(3);
            lines[0].Should().StartWith("""{"id":1,"url":"https://cdn.example.com/%3D1%2B1.png","name":"=1+1","path":"","image_class_id":1,"create_time":""");
            JsonDocument.Parse(lines[1]).RootElement.GetProperty("name").GetString().Should().Be("甲,\"乙\"");
            lines[2].Should().BeEmpty();
        }
    }

    [Fact]
    public async Task An_export_in_an_unknown_format_is_refused() =>
        (await SendAsync("GET", "/admin/image/export?format=xlsx")).ShouldRefuse(422, "format 只能是 csv 或 ndjson");
}
