namespace OssProxy.Tests.Api.Library;

/// <summary>What the console of the shop sends from the first look at an empty library to the last deletion, and what it has always been
/// answered. Numbers come as jQuery makes them, the page's CSRF token comes along.</summary>
public class ShopSessionSpecs : ConsoleSpecs
{
    [Theory]
    [InlineData("")]
    [InlineData("/api")]
    public async Task A_session_replays_with_the_documented_answers(string prefix)
    {
        var shop = prefix + "/shop/admin";
        (await SendAsync("GET", $"{shop}/imageclass/1?limit=10000")).ShouldSay("[]");

        (await SendAsync("POST", $"{shop}/imageclass?_csrf=x", """{"pid":0,"name":"电脑","desc":"","order":50,"status":1}"""))
            .ShouldSay("\"创建图片分类成功\"");
        (await SendFormAsync($"{shop}/imageclass", "pid=1&name=%E5%B9%B3%E6%9D%BF&desc=10%25+off&order=&status=1&_csrf=x"))
            .ShouldSay("\"创建图片分类成功\"");
        (await SendFormAsync($"{shop}/imageclass", "pid=0&name=%E5%86%85%E8%A1%A3&order=10&status=true")).ShouldSay("\"创建图片分类成功\"");
        (await SendAsync("POST", $"{shop}/imageclass", """{"pid":"0","name":"电脑"}"""))
            .ShouldRefuse(400, "同一个分类下不能有相同的分类名称");

        (await SendAsync("GET", $"{shop}/imageclass/1?limit=100")).ShouldSay(
            """[{"id":3,"pid":0,"name":"内衣","desc":"","order":10,"status":1,"create_time":"TIME","update_time":"UTC","level":0,"children":[]},"""
            + """{"id":1,"pid":0,"name":"电脑","desc":"","order":50,"status":1,"create_time":"TIME","update_time":"UTC","level":0,"children":["""
            + """{"id":2,"pid":1,"name":"平板","desc":"10% off","order":50,"status":1,"create_time":"TIME","update_time":"UTC","level":1,"children":[]}]}]""");

        using (var form = new Form().File("img", "a.jpg", Samples.Photo, "image/jpeg").File("img", "b.jpg", Samples.Photo, "image/jpeg").ToContent())
        {
            var uploaded = await SendAsync("POST", $"{shop}/image/uploadAliyun?imageClassId=1&_csrf=x", form);
            uploaded.ShouldBeOk();
            uploaded.Data[0].GetProperty("url").GetString().Should().EndWith(uploaded.Data[0].GetProperty("path").GetString());
        }

        (await SendFormAsync($"{shop}/image", "image_class_id=1&url=https%3A%2F%2Fcdn.example.com%2Fx.png&name=%E5%B0%81%E9%9D%A2&order=10&status=1"))
            .ShouldSay("\"上传图片成功\"");

        const string Class = """{"id":1,"pid":0,"name":"电脑","desc":"","order":50,"status":1,"create_time":"TIME","update_time":"UTC"}""";
        const string Cover = """{"id":3,"image_class_id":1,"path":"","name":"封面","url":"https://cdn.example.com/x.png","order":10,"status":1,"imageClassId":1,"image_class":""" + Class + "}";
        const string First = """{"id":1,"image_class_id":1,"path":"KEY.jpg","name":"","url":"OSS/KEY.jpg","order":50,"status":1,"imageClassId":1,"image_class":""" + Class + "}";
        const string Second = """{"id":2,"image_class_id":1,"path":"KEY.jpg","name":"","url":"OSS/KEY.jpg","order":50,"status":1,"imageClassId":1,"image_class":""" + Class + "}";
        (await SendAsync("GET", $"{shop}/imageclass/1/image/1?limit=10&order=asc&keyword="))
            .ShouldSay($$"""{"list":[{{Cover}},{{First}},{{Second}}],"totalCount":3}""");
        (await SendAsync("GET", $"{shop}/imageclass/1/image/2?limit=2")).ShouldSay($$"""{"list":[{{Second}}],"totalCount":3}""");
        (await SendAsync("GET", $"{shop}/imageclass/1/image/1?limit=10&order=desc")).ShouldSay($$"""{"list":[{{Second}},{{First}},{{Cover}}],"totalCount":3}""");
        (await SendAsync("GET", $"{shop}/imageclass/1/image/1?keyword=%E5%B0%81")).ShouldSay($$"""{"list":[{{Cover}}],"totalCount":1}""");

        (await SendFormAsync($"{shop}/image/1", "image_class_id=&name=%E6%96%B0%E5%90%8D&order=60&status=0")).ShouldSay("\"修改图片成功\"");
        (await SendAsync("POST", $"{shop}/image/2", """{"name":"平板图","image_class_id":2}""")).ShouldSay("\"修改图片成功\"");
        (await SendAsync("GET", $"{shop}/imageclass/1/image/1")).ShouldSay(
            $$"""{"list":[{{Cover}},{{First.Replace("\"name\":\"\"", "\"name\":\"新名\"", StringComparison.Ordinal).Replace("\"url\":\"OSS/KEY.jpg\",\"order\":50,\"status\":1", "\"url\":\"OSS/KEY.jpg\",\"order\":60,\"status\":0", StringComparison.Ordinal)}}],"totalCount":2}""");
        (await NamesAsync(SendAsync("GET", $"{shop}/imageclass/2/image/1"))).Should().Equal("平板图");

        (await SendAsync("POST", $"{shop}/imageclass/3", """{"name":"内衣服饰","pid":0,"order":20,"status":1}""")).ShouldSay("\"修改图片分类成功\"");
        (await SendAsync("POST", $"{shop}/imageclass/3", """{"name":"电脑"}""")).ShouldRefuse(400, "同一个级别下不能有相同的图片分类名称");
        (await SendFormAsync($"{shop}/imageclass/3/update_status", "status=0")).ShouldSay("\"修改状态成功\"");
        (await SendAsync("GET", $"{shop}/imageclass/3/image/1")).ShouldRefuse(400, "该图片分类不存在或已禁用");

        (await SendAsync("POST", $"{shop}/image/1/delete")).ShouldSay("\"图片删除成功\"");
        (await SendAsync("POST", $"{shop}/image/1/delete")).ShouldSay("\"图片删除成功\"");
        (await NamesAsync(SendAsync("GET", $"{shop}/imageclass/1/image/1"))).Should().Equal("封面");
        (await SendAsync("POST", $"{shop}/imageclass/1/delete")).ShouldSay("true");
        (await SendAsync("POST", $"{shop}/imageclass/2/delete")).ShouldRefuse(400, "该图片分类记录不存在");
        (await SendAsync("GET", $"{shop}/imageclass/1")).ShouldSay("[]");
        (await SendAsync("GET", "/admin/image/search/1")).ShouldSay("""{"list":[],"totalCount":0}""");
    }

    [Fact]
    public async Task A_disabled_class_hides_what_lies_below_it()
    {
        var root = await ClassAsync("根");
        var child = await ClassAsync("子", root);
        await ClassAsync("孙", child);
        (await SendAsync("POST", $"/shop/admin/imageclass/{child}/update_status", """{"status":false}""")).ShouldBeOk();

        var tree = await SendAsync("GET", "/shop/admin/imageclass/1");

        tree.Data.GetArrayLength().Should().Be(1);
        tree.Data[0].GetProperty("children").GetArrayLength().Should().Be(0);
        (await SendAsync("GET", "/shop/admin/imageclass/3/image/1")).ShouldRefuse(400, "该图片分类不存在或已禁用");
    }

    [Fact]
    public async Task A_limit_never_tears_a_class_from_the_one_above_it()
    {
        var first = await ClassAsync("一");
        await ClassAsync("一下", first);
        await ClassAsync("二");

        var tree = await SendAsync("GET", "/shop/admin/imageclass/7?limit=2");

        tree.Data.GetArrayLength().Should().Be(1);
        tree.Data[0].GetProperty("children")[0].GetProperty("name").GetString().Should().Be("一下");
    }
}
