using System.Text;

namespace OssProxy.Tests.Api.Library;

public sealed class ConsoleRefusalSpecs : ConsoleSpecs
{
    [Fact]
    public async Task Every_refusal_has_the_words_that_its_clients_wait_for()
    {
        var taken = await ClassAsync("有了");
        var other = await ClassAsync("另外");
        var image = await LinkAsync("图片", taken);
        (string Path, string Body, string Words)[] refusals =
        [
            ("/shop/admin/imageclass", """{"name":"有了"}""", "同一个分类下不能有相同的分类名称"),
            ("/shop/admin/imageclass", """{"name":"无父","pid":99}""", "上级分类不存在、是它自己或它的下级，或层级太深"),
            ($"/shop/admin/imageclass/{other}", """{"name":"有了"}""", "同一个级别下不能有相同的图片分类名称"),
            ("/shop/admin/imageclass/99", """{"name":"没有"}""", "该记录不存在"),
            ("/shop/admin/imageclass/99/update_status", """{"status":0}""", "数据不存在"),
            ("/shop/admin/imageclass/99/delete", "", "该图片分类记录不存在"),
            ("/shop/admin/image/99", """{"name":"没有"}""", "该图片记录不存在"),
            ($"/shop/admin/image/{image}", """{"name":"没有","image_class_id":99}""", "该图片分类不存在，不能修改成这个分类"),
            ("/shop/admin/image", """{"url":"/a.png","name":"没有","image_class_id":99}""", "图片分类不存在"),
            ("/admin/image_class", """{"name":"有了"}""", "同一个级别下不能有相同的图片分类名称"),
            ($"/admin/image_class/{other}", """{"name":"有了"}""", "同一个级别下不能有相同的图片分类名称"),
            ($"/admin/image_class/{other}", $$"""{"pid":{{other}}}""", "上级分类不存在、是它自己或它的下级，或层级太深"),
            ("/admin/image_class/99", """{"name":"没有"}""", "该记录不存在"),
            ("/admin/image_class/99/update_status", """{"status":0}""", "数据不存在"),
            ("/admin/image_class/99/delete", "", "该图片分类记录不存在"),
            ("/admin/image_class/99/policy", "{}", "图片分类不存在"),
            ("/admin/image/99", """{"name":"没有"}""", "该图片记录不存在"),
            ($"/admin/image/{image}", """{"image_class_id":99}""", "该图片分类不存在，不能修改成这个分类"),
            ("/admin/image/move", $$"""{"ids":[{{image}}],"image_class_id":99}""", "该图片分类不存在，不能修改成这个分类"),
            ("/admin/image/move", $$"""{"ids":[99],"image_class_id":{{other}}}""", "该图片记录不存在"),
        ];
        foreach (var (path, body, words) in refusals)
            (await SendAsync("POST", path, body.Length == 0 ? null : body)).ShouldRefuse(400, words);

        (await SendAsync("GET", "/shop/admin/imageclass/99/image/1")).ShouldRefuse(400, "该图片分类不存在或已禁用");
        (await SendAsync("GET", "/shop/admin/imageclass/0/image/1")).ShouldRefuse(400, "该图片分类不存在或已禁用");
        (await SendAsync("GET", "/admin/image_class/99/image/1")).ShouldRefuse(400, "图片分类不存在");
        (await SendAsync("POST", $"/admin/image/{image}/restore")).ShouldFail(409, "ImageNotRestorable");
        (await SendAsync("POST", "/admin/image/restore", """{"ids":[99]}""")).ShouldFail(409, "ImageNotRestorable");
        (await SendAsync("POST", "/admin/image/99/delete")).ShouldSay("true");
        (await SendAsync("POST", "/shop/admin/image/99/delete")).ShouldSay("\"图片删除成功\"");
    }

    [Fact]
    public async Task Every_field_that_cannot_be_used_is_named()
    {
        var name30 = new string('字', 30);
        (string Path, string Body, string Words)[] invalid =
        [
            ("/shop/admin/imageclass", "{}", "name 不能为空"),
            ("/shop/admin/imageclass", """{"name":null}""", "name 不能为空"),
            ("/shop/admin/imageclass", """{"name":"一"}""", "name 必须有 2 到 30 个字符"),
            ("/shop/admin/imageclass", """{"name":" 一 "}""", "name 必须有 2 到 30 个字符"),
            ("/shop/admin/imageclass", $$"""{"name":"{{name30}}多"}""", "name 必须有 2 到 30 个字符"),
            ("/shop/admin/imageclass", """{"name":12}""", "name 必须是文字"),
            ("/shop/admin/imageclass", """{"name":["甲乙"]}""", "name 必须是文字"),
            ("/shop/admin/imageclass", """{"name":{"$ne":""}}""", "name 必须是文字"),
            ("/shop/admin/imageclass", """{"name":"甲\u0000乙"}""", "name 不能含有控制字符"),
            ("/shop/admin/imageclass", """{"name":"甲\n乙"}""", "name 不能含有控制字符"),
            ("/shop/admin/imageclass", """{"name":"甲\ud83d"}""", "name 不是有效的文字"),
            ("/shop/admin/imageclass", $$"""{"name":"甲乙","desc":"{{new string('d', 256)}}"}""", "desc 最多 255 个字符"),
            ("/shop/admin/imageclass", """{"name":"甲乙","desc":"a\u0000"}""", "desc 不能含有控制字符"),
            ("/shop/admin/imageclass", """{"name":"甲乙","status":2}""", "status 只能是 0 或 1"),
            ("/shop/admin/imageclass", """{"name":"甲乙","status":"on"}""", "status 只能是 0 或 1"),
            ("/shop/admin/imageclass", """{"name":"甲乙","status":[1]}""", "status 只能是 0 或 1"),
            ("/shop/admin/imageclass", """{"name":"甲乙","pid":-1}""", "pid 必须是不小于 0 的整数"),
            ("/shop/admin/imageclass", """{"name":"甲乙","pid":1e30}""", "pid 必须是不小于 0 的整数"),
            ("/shop/admin/imageclass", """{"name":"甲乙","pid":"1 or 1=1"}""", "pid 必须是不小于 0 的整数"),
            ("/shop/admin/imageclass", """{"name":"甲乙","order":1.5}""", "order 必须是整数"),
            ("/shop/admin/imageclass", """{"name":"甲乙","order":2147483648}""", "order 必须是整数"),
            ("/shop/admin/imageclass/1/update_status", "{}", "status 不能为空"),
            ("/shop/admin/image/1", """{"order":1}""", "name 不能为空"),
            ("/shop/admin/image/1", """{"name":"甲乙","image_class_id":0}""", "image_class_id 必须是大于 0 的整数"),
            ("/admin/image_class", """{"name":""}""", "name 必须有 1 到 30 个字符"),
            ("/admin/image_class/1", """{"name":"  "}""", "name 必须有 1 到 30 个字符"),
            ("/admin/image/1", """{"name":""}""", "name 必须有 1 到 30 个字符"),
            ("/admin/image/move", """{"ids":[1]}""", "image_class_id 不能为空"),
            ("/admin/image/move", """{"image_class_id":1}""", "ids 必须是 1 到 1000 个图片编号的列表"),
            ("/admin/image/delete_all", """{"ids":[]}""", "ids 必须是 1 到 1000 个图片编号的列表"),
            ("/admin/image/delete_all", """{"ids":[0]}""", "ids 必须是 1 到 1000 个图片编号的列表"),
            ("/admin/image/delete_all", """{"ids":["x"]}""", "ids 必须是 1 到 1000 个图片编号的列表"),
            ("/admin/image/delete_all", """{"ids":[[1]]}""", "ids 必须是 1 到 1000 个图片编号的列表"),
            ("/admin/image/delete_all", """{"ids":[null]}""", "ids 必须是 1 到 1000 个图片编号的列表"),
            ("/admin/image/delete_all", """{"ids":{"0":1}}""", "ids 必须是 1 到 1000 个图片编号的列表"),
            ("/admin/image/delete_all", $$"""{"ids":[{{string.Join(',', Enumerable.Range(1, 1001))}}]}""", "ids 必须是 1 到 1000 个图片编号的列表"),
            ("/admin/image_class", "[]", "请求体必须是 JSON 对象"),
            ("/admin/image_class", "\"name\"", "请求体必须是 JSON 对象"),
            ("/admin/image_class", "null", "请求体必须是 JSON 对象"),
            ("/admin/image_class", "{", "请求体不是有效的 JSON，或同一个字段出现了两次"),
            ("/admin/image_class", """{"name":"甲","name":"乙"}""", "请求体不是有效的 JSON，或同一个字段出现了两次"),
            ("/admin/image_class", """{"name":"甲","n\u0061me":"乙"}""", "请求体不是有效的 JSON，或同一个字段出现了两次"),
        ];
        foreach (var (path, body, words) in invalid)
        {
            var answer = await SendAsync("POST", path, body);
            answer.ShouldRefuse(422, words);
            answer.ErrorCode.Should().Be("FieldInvalid");
        }

        (await NamesAsync(SendAsync("GET", "/admin/image_class/1"))).Should().BeEmpty("nothing was written");
        (await SendAsync("POST", "/shop/admin/imageclass", $$"""{"name":"{{name30}}","desc":"{{new string('d', 255)}}","order":-2147483648}"""))
            .ShouldBeOk();
        (await SendAsync("POST", "/shop/admin/imageclass", """{"name":"😀😀"}""")).ShouldBeOk();
    }

    [Theory]
    [InlineData("text/plain", "name=甲乙")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n甲乙\r\n--b--\r\n")]
    [InlineData("application/xml", "<name>甲乙</name>")]
    [InlineData("application/x-www-form-urlencoded", "name=甲乙&name=丙丁")]
    public async Task A_body_that_is_no_plain_set_of_fields_is_refused(string type, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8);
        content.Headers.Remove("Content-Type");
        content.Headers.TryAddWithoutValidation("Content-Type", type);

        (await SendAsync("POST", "/admin/image_class", content)).ShouldFail(422, "FieldInvalid");
    }

    [Fact]
    public async Task A_body_without_a_type_counts_as_json()
    {
        using var content = new ByteArrayContent("\uFEFF{\"name\":\"甲\"}"u8.ToArray());

        (await SendAsync("POST", "/admin/image_class", content)).ShouldBeOk();
    }

    [Fact]
    public async Task A_compressed_body_is_refused()
    {
        using var content = Json("""{"name":"甲"}""");
        content.Headers.ContentEncoding.Add("gzip");

        (await SendAsync("POST", "/admin/image_class", content)).ShouldFail(415, "EncodingNotSupported");
    }
}
