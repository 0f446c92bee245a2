using System.Text;

namespace OssProxy.Tests.Api.Library;

public sealed class ConsoleAttackSpecs : ConsoleSpecs
{
    [Fact]
    public async Task No_field_that_is_not_documented_changes_anything()
    {
        var kept = await ClassAsync("分类");
        var image = await LinkAsync("图片", kept);
        const string More = """
            "id":77,"url":"https://evil.example/x.png","path":"images/other.png","owner":"mallory","created_by":"mallory","storage":"oss","bucket":"b",
            "size":1,"media_type":"text/html","mime":"text/html","policy":"{\"clients\":true}","deleted_at":null,"create_time":0,"level":0,"children":[],"token":"x"
            """;
        var before = (await SendAsync("GET", "/admin/image/search/1")).Data.GetProperty("list")[0];

        (await SendAsync("POST", $"/admin/image/{image}", $$"""{"name":"图片",{{More}}}""")).ShouldSay("true");
        (await SendAsync("POST", $"/shop/admin/image/{image}", $$"""{"name":"图片",{{More}}}""")).ShouldBeOk();
        (await SendAsync("POST", $"/admin/image_class/{kept}", $$"""{"name":"分类",{{More}}}""")).ShouldSay("true");
        (await SendAsync("POST", "/admin/image_class", $$"""{"name":"新的",{{More}}}""")).ShouldBeOk();

        var after = (await SendAsync("GET", "/admin/image/search/1")).Data.GetProperty("list")[0];
        foreach (var member in before.EnumerateObject().Where(member => member.Name != "update_time"))
            after.GetProperty(member.Name).GetRawText().Should().Be(member.Value.GetRawText(), member.Name);
        (await SendAsync("GET", $"/admin/image_class/{kept}/policy")).Data.GetProperty("own").ValueKind.Should().Be(System.Text.Json.JsonValueKind.Null);
        (await NamesAsync(SendAsync("GET", "/admin/image_class/1"))).Should().Equal("新的", "分类");
    }

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("\"><img src=x onerror=1>")]
    [InlineData("' OR '1'='1' --")]
    [InlineData("%00${jndi:ldap://x}")]
    [InlineData("{{7*7}}")]
    public async Task A_name_comes_back_as_it_was_typed_and_as_json(string name)
    {
        await ClassAsync(name);
        await LinkAsync(name);

        (await NamesAsync(SendAsync("GET", "/admin/image_class/1"))).Should().Equal(name);
        (await NamesAsync(SendAsync("GET", "/admin/image/search/1?keyword=" + Uri.EscapeDataString(name)))).Should().Equal(name);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/admin/image_class/1");
        request.Headers.Add("token", ApiServer.AdminKey);
        using var response = await Server.Client.SendAsync(request);
        response.Content.Headers.ContentType!.ToString().Should().Be("application/json; charset=utf-8");
    }

    [Fact]
    public async Task An_id_that_is_none_is_unknown_and_never_a_fault()
    {
        (string, string)[] cases =
        [
            ("GET", "/admin/image_class/%2e%2e%2fimage/image/1"),
            ("POST", "/admin/image/..%2f1"),
            ("POST", "/admin/image/1000000000000000000000000000000"),
            ("POST", "/admin/image/1000000000000000000000000000000/delete"),
            ("DELETE", "/admin/image_class/1000000000000000000000000000000"),
            ("GET", "/shop/admin/imageclass/1000000000000000000000000000000/image/1"),
            ("POST", "/admin/image/9223372036854775807"),
            ("POST", "/admin/image/-9223372036854775808"),
            ("POST", "/admin/image_class/-1/delete"),
            ("POST", "/admin/image/1;drop table image"),
            ("GET", "/admin/image_class/1%27/image/1"),
        ];
        foreach (var (method, path) in cases)
        {
            var answer = await SendAsync(method, path, method == "POST" ? """{"name":"甲"}""" : null);

            ((int)answer.Status).Should().BeOneOf([400, 404, 405], path);
        }
    }

    [Fact]
    public async Task A_page_or_a_limit_that_is_none_counts_as_the_first_or_an_empty_one()
    {
        var id = await ClassAsync("分类");
        await LinkAsync("图片", id);
        string[] cases =
        [
            "0",
            "-1",
            "x",
            "1.5",
            "%00",
            "1000000000000000000000000000000",
            "2147483647",
        ];
        foreach (var number in cases)
        {
            foreach (var path in new[]
            {
                $"/admin/image_class/{number}?limit=5", $"/admin/image_class/1?limit={number}", $"/shop/admin/imageclass/{number}?limit={number}",
                $"/admin/image_class/{id}/image/{number}", $"/shop/admin/imageclass/{id}/image/1?limit={number}&order={number}",
                $"/admin/image/search/{number}?limit={number}", $"/admin/image/deleted/{number}",
            })
            {
                // Kestrel itself refuses NUL in a path.
                if (!path.Split('?')[0].Contains('%', StringComparison.Ordinal))
                    (await SendAsync("GET", path)).ShouldBeOk();
            }
        }
    }

    [Fact]
    public async Task A_filter_that_cannot_be_understood_is_refused()
    {
        string[] cases =
        [
            "keyword=%00",
            "keyword=a%0Ab",
            "owner=%00",
            "from=yesterday",
            "from=2026-02-30",
            "from=0001-01-01",
            "to=9999-12-31",
            "to=2026-01-01T25:00:00Z",
            "image_class_id=x",
            "image_class_id=-1",
            "imageClassId=1000000000000000000000000000000",
        ];
        foreach (var query in cases)
        {
            (await SendAsync("GET", "/admin/image/search/1?" + query)).ShouldFail(422, "FieldInvalid");
            (await SendAsync("GET", "/admin/image/export?" + query)).ShouldFail(422, "FieldInvalid");
        }
    }

    [Fact]
    public async Task A_body_of_64_KiB_is_read_and_one_byte_more_is_not()
    {
        const string Head = "{\"name\":\"甲\",\"more\":\"";
        var blank = (64 * 1024) - Encoding.UTF8.GetByteCount(Head) - 2;
        (await SendAsync("POST", "/admin/image_class", Head + new string(' ', blank) + "\"}")).ShouldBeOk();

        (await SendAsync("POST", "/admin/image_class", Head + new string(' ', blank + 1) + "\"}")).ShouldRefuse(422, "请求体太大：不能超过 64 KB");
        using var chunked = new HttpRequestMessage(HttpMethod.Post, "/admin/image_class") { Content = Json(Head + new string(' ', 70_000) + "\"}") };
        chunked.Headers.TransferEncodingChunked = true;
        chunked.Headers.Add("token", ApiServer.AdminKey);
        using var response = await Server.Client.SendAsync(chunked);
        (await Answer.ReadAsync(response)).ShouldRefuse(422, "请求体太大：不能超过 64 KB");
    }

    [Fact]
    public async Task Json_of_any_depth_is_read_or_refused()
    {
        foreach (var depth in new[] { 10, 15, 17, 1_000, 30_000 })
        {
            var body = $$"""{"name":"深{{depth}}","more":{{new string('[', depth)}}{{new string(']', depth)}}}""";
            var answer = await SendAsync("POST", "/admin/image_class", body);
            if (depth < 16)
                answer.ShouldBeOk();
            else
                answer.ShouldFail(422, "FieldInvalid");
        }
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_refused()
    {
        byte[][] bodies =
        [
            [.. "{\"name\":\"a"u8, 0xFF, .. "\"}"u8],
            [.. "{\"na"u8, 0xFF, .. "me\":\"ab\"}"u8],
            [.. "{\"\\ud800\":1,\"name\":\"a\\udc00\"}"u8],
            [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("{}")],
        ];
        foreach (var body in bodies)
        {
            using var content = new ByteArrayContent(body);
            (await SendAsync("POST", "/admin/image_class", content)).ShouldFail(422, "FieldInvalid");
        }

        using var form = new ByteArrayContent([.. "name=a"u8, 0xFF]);
        form.Headers.TryAddWithoutValidation("Content-Type", "application/x-www-form-urlencoded");
        (await SendAsync("POST", "/admin/image_class", form)).ShouldFail(422, "FieldInvalid");
        (await SendFormAsync("/admin/image_class", "name=a%00b")).ShouldFail(422, "FieldInvalid");
        foreach (var fields in new[] { "name=%ff", "name=%E7%94", "name=a%ED%A0%80", "n%ffame=a&name=b", "name=%E7+%94%B5" })
            (await SendFormAsync("/admin/image_class", fields)).ShouldRefuse(422, "请求体必须是 UTF-8");
        (await NamesAsync(SendAsync("GET", "/admin/image_class/1"))).Should().BeEmpty();
        (await SendFormAsync("/admin/image_class", "name=%E7%94%b5+100%+%2B电")).ShouldBeOk();
        (await NamesAsync(SendAsync("GET", "/admin/image_class/1"))).Should().Equal("电 100% +电");
    }

    [Fact]
    public async Task A_url_that_is_not_what_it_seems_is_not_registered()
    {
        string[] cases =
        [
            "//evil.example/a.png",
            "/\\\\evil.example/a.png",
            "javascript:alert(1)",
            "data:image/png;base64,AAAA",
            "file:///etc/passwd.png",
            "https://user:pw@cdn.example.com/a.png",
            "https://cdn.example.com/a.html",
            "https://cdn.example.com/a.svg?x=.png",
            "images/a.png",
        ];
        foreach (var url in cases)
        {
            (await SendAsync("POST", "/shop/admin/image", $$"""{"url":"{{url}}","name":"图片"}""")).ShouldFail(422, "FieldInvalid");
            (await NamesAsync(SendAsync("GET", "/admin/image/search/1"))).Should().BeEmpty();
        }
    }
}
