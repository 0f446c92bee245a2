using System.Globalization;

namespace OssProxy.Tests.Api.Library;

/// <summary>What a class does not take by upload it does not take by a move either.</summary>
public sealed class ConsoleMoveSpecs : ConsoleSpecs
{
    protected override (string Key, string Value)[] Settings => [("Uploads:MaxFileBytes", Number(Samples.Photo.Length + 100))];

    [Theory]
    [InlineData("""{"types":["png"]}""", 415, "TypeNotAllowed")]
    [InlineData("""{"max_file_bytes":100}""", 413, "FileTooLarge")]
    public async Task No_move_and_no_edit_goes_past_the_policy_of_a_class(string policy, int status, string code)
    {
        var from = await ClassAsync("从");
        var root = await ClassAsync("根");
        var to = await ClassAsync("到", root);
        (await SendAsync("POST", $"/admin/image_class/{root}/policy", policy)).ShouldBeOk();
        await UploadAsync("/admin/image/upload", from, "a.jpg");
        var link = await LinkAsync("链接", from);
        string[] moves = [$$"""{"ids":[1],"image_class_id":{{to}}}""", $$"""{"ids":[{{link}},1],"image_class_id":{{to}}}"""];

        foreach (var prefix in new[] { "/admin", "/shop/admin" })
        {
            foreach (var move in moves)
                (await SendAsync("POST", prefix + "/image/move", move)).ShouldFail(status, code);
            (await SendAsync("POST", prefix + "/image/1", $$"""{"name":"新名","image_class_id":{{to}}}""")).ShouldFail(status, code);
        }

        (await NamesAsync(SendAsync("GET", $"/admin/image_class/{from}/image/1"))).Should().Equal(["链接", ""], "nothing was moved and nothing named");
        (await SendAsync("POST", "/admin/image/move", $$"""{"ids":[{{link}}],"image_class_id":{{to}}}""")).ShouldSay("""{"moved":1}""");
    }

    [Fact]
    public async Task A_file_that_is_too_large_is_told_the_limit_of_the_class()
    {
        var to = await ClassAsync("小");
        (await SendAsync("POST", $"/admin/image_class/{to}/policy", """{"max_file_bytes":1024}""")).ShouldBeOk();
        await UploadAsync("/admin/image/upload", 0, "a.jpg");

        (await SendAsync("POST", "/admin/image/move", $$"""{"ids":[1],"image_class_id":{{to}}}""")).Message.Should().Contain("不能超过 1 KB");
    }

    [Fact]
    public async Task What_no_class_would_take_stays_in_the_class_that_took_it()
    {
        var large = await ClassAsync("大");
        (await SendAsync("POST", $"/admin/image_class/{large}/policy", """{"max_file_bytes":1000000}""")).ShouldBeOk();
        using (var form = new Form().File("img", "a.jpg", Samples.PhotoOf(Samples.Photo.Length + 101)).ToContent())
            (await SendAsync("POST", $"/admin/image/upload?imageClassId={large}", form)).ShouldBeOk();

        (await SendAsync("POST", "/admin/image/move", """{"ids":[1],"image_class_id":0}""")).ShouldFail(413, "FileTooLarge");
        (await SendAsync("POST", "/admin/image/1", """{"image_class_id":0}""")).ShouldFail(413, "FileTooLarge");
        (await SendAsync("POST", "/admin/image/move", """{"ids":[1],"image_class_id":99}""")).ShouldFail(400, "ClassNotFound");
        (await SendAsync("POST", "/admin/image/1", """{"image_class_id":99}""")).ShouldFail(400, "ClassNotFound");
    }

    [Fact]
    public async Task A_link_of_unknown_type_is_neither_registered_nor_moved_where_types_are_named()
    {
        var any = await ClassAsync("随意");
        var some = await ClassAsync("限定");
        (await SendAsync("POST", $"/admin/image_class/{some}/policy", """{"types":["png","jpeg"]}""")).ShouldBeOk();
        (await SendAsync("POST", "/shop/admin/image", $$"""{"url":"/render?id=1","name":"图片","image_class_id":{{any}}}""")).ShouldBeOk();

        (await SendAsync("POST", "/shop/admin/image", $$"""{"url":"/render?id=1","name":"图片","image_class_id":{{some}}}""")).ShouldFail(415, "TypeNotAllowed");
        (await SendAsync("POST", "/admin/image/move", $$"""{"ids":[1],"image_class_id":{{some}}}""")).ShouldFail(415, "TypeNotAllowed");
        (await SendAsync("POST", "/shop/admin/image", $$"""{"url":"/a.JPG","name":"图片","image_class_id":{{some}}}""")).ShouldBeOk();
    }

    // Consoles send the class along with every edit.
    [Fact]
    public async Task An_image_that_stays_where_it_is_asks_nobody()
    {
        var id = await ClassAsync("分类");
        await UploadAsync("/admin/image/upload", id, "a.jpg");
        (await SendAsync("POST", $"/admin/image_class/{id}/policy", """{"types":["png"],"max_file_bytes":1,"files_per_day":1}""")).ShouldBeOk();

        (await SendAsync("POST", "/shop/admin/image/1", $$"""{"name":"新名","image_class_id":{{id}}}""")).ShouldBeOk();
        (await SendAsync("POST", "/admin/image/1", """{"order":1}""")).ShouldBeOk();
        (await SendAsync("POST", "/admin/image/move", $$"""{"ids":[1],"image_class_id":{{id}}}""")).ShouldSay("""{"moved":1}""");
    }

    [Fact]
    public async Task A_move_counts_against_no_daily_limit()
    {
        var id = await ClassAsync("少");
        (await SendAsync("POST", $"/admin/image_class/{id}/policy", """{"files_per_day":1,"bytes_per_day":1}""")).ShouldBeOk();
        await UploadAsync("/admin/image/upload", 0, "a.jpg", "b.jpg");

        (await SendAsync("POST", "/admin/image/move", $$"""{"ids":[1,2],"image_class_id":{{id}}}""")).ShouldSay("""{"moved":2}""");
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
