namespace OssProxy.Tests.Api.Library;

/// <summary>What the consoles under <c>/admin</c> send, and what they are answered: the newer ones spell the class <c>image_class</c> and
/// delete with POST, the older ones spell it <c>imageclass</c> and delete with DELETE.</summary>
public class AdminSessionSpecs : ConsoleSpecs
{
    [Theory]
    [InlineData("")]
    [InlineData("/api")]
    public async Task A_session_of_the_newer_consoles_replays_with_the_documented_answers(string prefix)
    {
        var admin = prefix + "/admin";
        (await SendAsync("GET", $"{admin}/image_class/1")).ShouldSay("""{"list":[],"totalCount":0,"list_tree":[],"list_tree2":[]}""");

        (await SendAsync("POST", $"{admin}/image_class", """{"name":"电","order":50}""")).ShouldSay(
            """{"id":1,"pid":0,"name":"电","desc":"","order":50,"status":1,"create_time":"TIME","update_time":"TIME","images_count":0}""");
        (await SendAsync("POST", $"{admin}/image_class", """{"name":"衣","order":"50"}""")).ShouldBeOk();
        (await SendAsync("POST", $"{admin}/image_class", """{"name":"帽","pid":2,"order":50}""")).ShouldBeOk();

        // Last, because PostgreSQL never gives the number of a refused class again.
        (await SendAsync("POST", $"{admin}/image_class", """{"name":"衣"}""")).ShouldRefuse(400, "同一个级别下不能有相同的图片分类名称");

        await UploadAsync($"{admin}/image/upload", 1, "一.jpg");
        await UploadAsync($"{admin}/image/upload", 1, "二.jpg");
        await UploadAsync($"{admin}/image/uploadAliyun", 1, "三.jpg", "四.jpg");

        string Class(int id, int pid, string name, int count) =>
            $$"""{"id":{{id}},"pid":{{pid}},"name":"{{name}}","desc":"","order":50,"status":1,"create_time":"TIME","update_time":"TIME","images_count":{{count}}""";
        (await SendAsync("GET", $"{admin}/image_class/1")).ShouldSay(
            $$"""{"list":[{{Class(3, 2, "帽", 0)}}},{{Class(2, 0, "衣", 0)}}},{{Class(1, 0, "电", 4)}}}],"totalCount":3,"list_tree":"""
            + $$"""[{{Class(2, 0, "衣", 0)}},"level":0},{{Class(3, 2, "帽", 0)}},"level":1},{{Class(1, 0, "电", 4)}},"level":0}],"list_tree2":"""
            + $$"""[{{Class(2, 0, "衣", 0)}},"children":[{{Class(3, 2, "帽", 0)}},"children":[]}]},{{Class(1, 0, "电", 4)}},"children":[]}]}""");
        var second = await SendAsync("GET", $"{admin}/image_class/2?limit=2");
        second.Data.GetProperty("totalCount").GetInt32().Should().Be(3);
        (await NamesAsync(Task.FromResult(second))).Should().Equal("电");

        var listed = await SendAsync("GET", $"{admin}/image_class/1/image/1");
        listed.Data.GetProperty("totalCount").GetInt32().Should().Be(4);
        Ids(listed).Should().Equal(4, 3, 2, 1);
        Steady(listed).Should().Contain(
            """{"id":4,"url":"OSS/KEY.jpg","name":"","path":"KEY.jpg","image_class_id":1,"create_time":"TIME","update_time":"TIME","order":50,"status":1,""");
        Ids(await SendAsync("GET", $"{admin}/image_class/1/image/2?limit=3")).Should().Equal(1);

        (await SendAsync("POST", $"{admin}/image/4", """{"name":"夏"}""")).ShouldSay("true");
        Ids(await SendAsync("GET", $"{admin}/image_class/1/image/1?keyword=%E5%A4%8F")).Should().Equal(4);
        (await SendAsync("POST", $"{admin}/image_class/2", """{"name":"衣服","order":1}""")).ShouldSay("true");
        (await SendAsync("POST", $"{admin}/image_class/2/update_status", """{"status":0}""")).ShouldSay("true");

        (await SendAsync("POST", $"{admin}/image/move", """{"ids":[1,2,2],"image_class_id":3}""")).ShouldSay("""{"moved":2}""");
        Ids(await SendAsync("GET", $"{admin}/image_class/3/image/1")).Should().Equal(2, 1);
        (await SendAsync("POST", $"{admin}/image/3/delete")).ShouldSay("true");
        (await SendAsync("POST", $"{admin}/image/delete_all", """{"ids":[1,4]}""")).ShouldSay("true");
        Ids(await SendAsync("GET", $"{admin}/image_class/1/image/1")).Should().BeEmpty();

        (await SendAsync("POST", $"{admin}/image_class/2/delete")).ShouldSay("true");
        (await NamesAsync(SendAsync("GET", $"{admin}/image_class/1"))).Should().Equal("电");
        Ids(await SendAsync("GET", $"{admin}/image/search/1")).Should().BeEmpty("the image of the class below went with it");
    }

    [Theory]
    [InlineData("")]
    [InlineData("/api")]
    public async Task A_session_of_the_older_consoles_replays_with_the_documented_answers(string prefix)
    {
        var admin = prefix + "/admin";
        (await SendFormAsync($"{admin}/imageclass", "pid=0&name=%E7%94%B5%E8%84%91&order=50&status=1")).ShouldBeOk();
        (await SendFormAsync($"{admin}/imageclass", "name=%E8%A1%A3&order=60")).ShouldBeOk();
        (await NamesAsync(SendAsync("GET", $"{admin}/imageclass/1"))).Should().Equal(["衣", "电脑"], "the largest order comes first");

        await UploadAsync($"{admin}/image/upload", 1, "一.jpg");
        await UploadAsync($"{admin}/image/upload", 1, "二.jpg");
        Ids(await SendAsync("GET", $"{admin}/imageclass/1/image/1?limit=10&order=desc&keyword=")).Should().Equal(2, 1);
        Ids(await SendAsync("GET", $"{admin}/imageclass/1/image/1?limit=10&order=asc")).Should().Equal(1, 2);

        (await SendAsync("POST", $"{admin}/imageclass/1", """{"name":"电"}""")).ShouldSay("true");
        (await SendAsync("POST", $"{admin}/image/1", """{"name":"一"}""")).ShouldSay("true");
        (await SendAsync("DELETE", $"{admin}/image/1")).ShouldSay("true");
        (await SendFormAsync($"{admin}/image/delete_all", "ids%5B%5D=1&ids%5B%5D=2")).ShouldSay("true");
        Ids(await SendAsync("GET", $"{admin}/imageclass/1/image/1")).Should().BeEmpty();
        (await SendAsync("DELETE", $"{admin}/imageclass/1")).ShouldSay("true");
        (await SendAsync("DELETE", $"{admin}/imageclass/1")).ShouldRefuse(400, "该图片分类记录不存在");
        (await NamesAsync(SendAsync("GET", $"{admin}/imageclass/1?limit=100"))).Should().Equal("衣");
    }

    private static IEnumerable<int> Ids(Answer answer)
    {
        answer.ShouldBeOk();
        return answer.Data.GetProperty("list").EnumerateArray().Select(row => row.GetProperty("id").GetInt32());
    }
}
