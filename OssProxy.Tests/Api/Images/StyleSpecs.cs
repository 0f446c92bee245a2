using System.Net;
using System.Text.Json;

namespace OssProxy.Tests.Api.Images;

/// <summary>Styles, as admins keep them.</summary>
public sealed class StyleSpecs
{
    [Fact]
    public async Task A_style_is_kept_changed_and_removed_and_each_deed_is_written_down()
    {
        await using var house = await ImageHouse.OpenAsync();
        await house.PutAsync("a.jpg");
        using var before = await house.GetAsync("/img/a.jpg!card");
        await before.ShouldRefuseAsync(404, "NoSuchStyle");

        var put = await house.AdminAsync(HttpMethod.Put, "/admin/image_style/card", new { content = "image/resize,w_300", accept = "webp" });
        Text(put.GetProperty("data"), "content").Should().Be("image/resize,w_300");
        Text(put.GetProperty("data"), "source").Should().Be("database");
        Text(put.GetProperty("data"), "create_time").Should().MatchRegex(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$");
        using var first = await house.GetAsync("/img/a.jpg!card");
        (await first.Content.ReadAsStringAsync()).Should().Contain("w_300");

        await house.AdminAsync(HttpMethod.Post, "/api/admin/image_style/card", new { content = "image/resize,w_400" });
        await house.AdminAsync(HttpMethod.Post, "/api/admin/image_style/card", new { content = "image/resize,w_400" });
        using var second = await house.GetAsync("/img/a.jpg!card", ("If-None-Match", first.Tag()));
        (await second.Content.ReadAsStringAsync()).Should().Contain("w_400");

        var list = (await house.AdminAsync(HttpMethod.Get, "/admin/image_style")).GetProperty("data").EnumerateArray().ToList();
        list.Select(style => $"{Text(style, "name")} {Text(style, "source")} {Text(style, "accept")}")
            .Should().Equal("card database ", "modern config avif,webp", "thumb config ");

        await house.AdminAsync(HttpMethod.Delete, "/admin/image_style/card");
        await house.AdminAsync(HttpMethod.Delete, "/admin/image_style/card", expected: HttpStatusCode.NotFound);
        using var gone = await house.GetAsync("/img/a.jpg!card");
        await gone.ShouldRefuseAsync(404, "NoSuchStyle");
        var deeds = (await house.AdminAsync(HttpMethod.Get, "/admin/audit/1")).GetProperty("data").GetProperty("list").EnumerateArray()
            .Select(row => $"{Text(row, "action")} {Text(row, "subject")} {Text(row, "detail")}").Reverse();
        deeds.Should().Equal("style.put style:card image/resize,w_300 webp", "style.put style:card image/resize,w_400", "style.delete style:card ");
    }

    [Theory]
    [InlineData("card", "image/resize,w_0", "")]
    [InlineData("card", "style/thumb", "")]
    [InlineData("card", "image/resize,w_1|sys/saveas,o_dGVzdC5qcGc", "")]
    [InlineData("card", "image/resize,w_1;", "")]
    [InlineData("card", "image/resize,w_1", "png")]
    [InlineData("card", "image/resize,w_1", "webp,webp")]
    [InlineData("ca%20rd", "image/resize,w_1", "")]
    [InlineData("thumb", "image/resize,w_1", "")]
    public async Task What_is_no_style_is_refused(string name, string content, string accept)
    {
        await using var house = await ImageHouse.OpenAsync();

        var refused = await house.AdminAsync(HttpMethod.Put, $"/admin/image_style/{name}", new { content, accept }, HttpStatusCode.UnprocessableEntity);

        Text(refused, "errorCode").Should().Be("FieldInvalid");
    }

    [Fact]
    public async Task There_are_no_more_than_there_may_be_and_admins_alone_change_them()
    {
        await using var house = await ImageHouse.OpenAsync(("Images:MaxStyles", "2"));
        await house.AdminAsync(HttpMethod.Put, "/admin/image_style/a", new { content = "image/resize,w_1" });
        await house.AdminAsync(HttpMethod.Put, "/admin/image_style/b", new { content = "image/resize,w_2" });

        await house.AdminAsync(HttpMethod.Put, "/admin/image_style/c", new { content = "image/resize,w_3" }, HttpStatusCode.UnprocessableEntity);
        await house.AdminAsync(HttpMethod.Put, "/admin/image_style/b", new { content = "image/resize,w_4" });
        using var stranger = await house.SendAsync(HttpMethod.Delete, "/admin/image_style/a");
        stranger.StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Without_a_database_only_the_configuration_has_styles()
    {
        await using var house = await ImageHouse.OpenAsync(("Records:Provider", "none"));
        await house.PutAsync("a.jpg");

        using var image = await house.GetAsync("/img/a.jpg!thumb");
        image.StatusCode.Should().Be(HttpStatusCode.OK);
        var refused = await house.AdminAsync(HttpMethod.Put, "/admin/image_style/card", new { content = "image/resize,w_1" }, HttpStatusCode.NotImplemented);
        Text(refused, "errorCode").Should().Be("RecordsOff");
        (await house.AdminAsync(HttpMethod.Get, "/admin/image_style")).GetProperty("data").GetArrayLength().Should().Be(2);
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
