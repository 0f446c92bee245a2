using System.Globalization;
using System.Text.Json;
using OssProxy.Core.Records;
using OssProxy.Tests.Api;
using OssProxy.Tests.Grants;
using OssProxy.Tests.Records;

namespace OssProxy.Tests.Goods;

public sealed class SqlitePublishSpecs(GoodsHouse house) : PublishSpecs(house), IClassFixture<GoodsHouse>;

[Collection(PostgresCollection.Name)]
public sealed class PostgresPublishSpecs(PostgresGoodsHouse house) : PublishSpecs(house), IClassFixture<PostgresGoodsHouse>;

public sealed class DiskPublishSpecs(DiskGoodsHouse house) : PublishSpecs(house), IClassFixture<DiskGoodsHouse>;

/// <summary>What users publish is shown to everybody, with the images that are there.</summary>
public abstract class PublishSpecs(GoodsHouse house)
{
    [Fact]
    public async Task Photos_that_were_uploaded_and_published_without_a_word_in_between_have_one_record_each()
    {
        var (_, token) = await house.UserAsync();
        var photos = new List<(string Url, string Key)>();
        for (var i = 0; i < 3; i++)
            photos.Add(await house.UploadAsync(token));

        var published = await house.PublishAsync(token, [.. photos.Select(photo => photo.Url).Reverse()]);

        published.ShouldBeOk();
        published.Data.GetProperty("title").GetString().Should().Be("a chair");
        published.Data.GetProperty("price").GetRawText().Should().Be("12.5");
        var images = published.Data.GetProperty("images").EnumerateArray().ToList();
        images.Select(image => GrantHouse.Text(image, "path")).Should().Equal(photos.Select(photo => photo.Key).Reverse(), "the order is the publisher's");
        images.Should().AllSatisfy(image => image.GetProperty("width").GetInt32().Should().BePositive());
        published.Data.GetProperty("imgs").GetString().Should().Be(string.Join(',', images.Select(image => GrantHouse.Text(image, "url"))));
        foreach (var (_, key) in photos)
            (await house.RowsOfAsync(key)).Should().Be(1);
        (await house.GetAsync("/api/me/files", token)).Data.GetProperty("totalCount").GetInt64().Should().Be(3);
        (await ShowAsync(published.Data)).GetRawText().Should().Be(published.Data.GetRawText(), "what is shown is what was answered");
    }

    [Fact]
    public async Task Goods_are_shown_to_everybody_the_newest_first_and_page_by_page()
    {
        var (_, token) = await house.UserAsync();
        var (url, _) = await house.UploadAsync(token);
        var ids = new List<long>();
        for (var i = 0; i < 5; i++)
            ids.Add(GoodsHouse.Id((await house.PublishAsync(token, url)).Data));
        ids.Reverse();

        (await IdsAsync("/goods/mine?limit=2", token)).Should().Equal(ids[..2]);
        (await IdsAsync("/goods/mine/3?limit=2", token)).Should().Equal(ids[4..]);
        (await IdsAsync("/goods/mine/4?limit=2", token)).Should().BeEmpty();
        (await IdsAsync("/goods/mine", (await house.UserAsync()).Token)).Should().BeEmpty();
        (await IdsAsync("/goods/list?limit=50", token: null)).Should().Contain(ids).And.BeInDescendingOrder();
        (await IdsAsync("/api/goods/list/1?limit=1000000", token: null)).Count.Should().BeLessThanOrEqualTo(50);
    }

    [Fact]
    public async Task An_image_that_is_deleted_is_shown_no_more_and_one_that_is_restored_is_shown_again()
    {
        var (_, token) = await house.UserAsync();
        var (first, _) = await house.UploadAsync(token);
        var (second, _) = await house.UploadAsync(token);
        var goods = (await house.PublishAsync(token, first, second)).Data;
        var images = goods.GetProperty("images").EnumerateArray().ToList();

        await house.DeleteImageAsync(GoodsHouse.Id(images[0]), token);
        var left = await ShowAsync(goods);
        await house.DeleteImageAsync(GoodsHouse.Id(images[1]), token);
        var none = await ShowAsync(goods);
        (await house.PostAsync("/admin/image/restore", new { ids = images.Select(GoodsHouse.Id) }, ApiServer.AdminKey)).ShouldBeOk();
        var all = await ShowAsync(goods);

        left.GetProperty("imgs").GetString().Should().Be(GrantHouse.Text(images[1], "url"));
        left.GetProperty("images").EnumerateArray().Select(GoodsHouse.Id).Should().Equal(GoodsHouse.Id(images[1]));
        none.GetProperty("imgs").GetString().Should().BeEmpty();
        none.GetProperty("images").GetArrayLength().Should().Be(0);
        none.GetProperty("title").GetString().Should().Be("a chair");
        all.GetRawText().Should().Be(goods.GetRawText());
    }

    [Fact]
    public async Task An_image_whose_row_has_gone_leaves_the_rest_in_order()
    {
        var (_, token) = await house.UserAsync();
        var urls = new[] { (await house.UploadAsync(token)).Url, (await house.UploadAsync(token)).Url, (await house.UploadAsync(token)).Url };
        var goods = (await house.PublishAsync(token, urls)).Data;
        var images = goods.GetProperty("images").EnumerateArray().Select(GoodsHouse.Id).ToList();

        await house.Database.WriteAsync(
            WriteScope.Statement, session => session.ExecuteAsync("DELETE FROM image WHERE id = @Id", new { Id = images[1] }), CancellationToken.None);

        (await ShowAsync(goods)).GetProperty("images").EnumerateArray().Select(GoodsHouse.Id).Should().Equal(images[0], images[2]);
    }

    [Fact]
    public async Task Publications_of_one_unrecorded_image_at_once_make_one_record()
    {
        var (_, token) = await house.UserAsync();
        var (url, key) = await house.UploadAsync(token);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => house.PublishAsync(token, url)));

        answers.Should().AllSatisfy(answer => answer.ShouldBeOk());
        answers.Select(answer => GoodsHouse.Id(answer.Data.GetProperty("images")[0])).Distinct().Should().ContainSingle();
        (await house.RowsOfAsync(key)).Should().Be(1);
        (await house.CountAsync(token)).Should().Be(8);
    }

    [Theory]
    [InlineData("POST", "/delete")]
    [InlineData("DELETE", "")]
    public async Task Goods_are_taken_down_by_their_owner_or_an_admin_and_are_not_there_for_others(string verb, string end)
    {
        var (_, token) = await house.UserAsync();
        var (url, key) = await house.UploadAsync(token);
        var first = GoodsHouse.Id((await house.PublishAsync(token, url)).Data);
        var second = GoodsHouse.Id((await house.PublishAsync(token, url)).Data);
        Task<Answer> DeleteAsync(long id, string? by) =>
            house.SendAsync(new HttpMethod(verb), string.Create(CultureInfo.InvariantCulture, $"/goods/{id}{end}"), null, by);

        var foreign = await DeleteAsync(first, (await house.UserAsync()).Token);
        var missing = await DeleteAsync(long.MaxValue, token);
        (await DeleteAsync(first, token)).ShouldBeOk();
        (await DeleteAsync(second, ApiServer.AdminKey)).ShouldBeOk();
        var again = await DeleteAsync(first, token);

        foreign.ShouldFail(404, "GoodsNotFound");
        missing.ShouldFail(404, "GoodsNotFound");
        again.ShouldFail(404, "GoodsNotFound");
        foreign.Message.Should().Be(missing.Message);
        (await house.GetAsync($"/goods/{first}", token)).ShouldFail(404, "GoodsNotFound");
        (await house.CountAsync(token)).Should().Be(0);
        (await house.RowsOfAsync(key)).Should().Be(1, "the image stays");
        (await house.PublishAsync(token, url)).ShouldBeOk();
        var book = (await house.GetAsync("/admin/audit/1", ApiServer.AdminKey)).Data.GetProperty("list").EnumerateArray().ToList();
        book.Should().Contain(row => GrantHouse.Text(row, "action") == "goods.delete" && row.GetProperty("detail").GetString() == second.ToString(CultureInfo.InvariantCulture)
            && GrantHouse.Text(row, "actor") == "admin");
    }

    private async Task<JsonElement> ShowAsync(JsonElement goods)
    {
        var answer = await house.GetAsync(string.Create(CultureInfo.InvariantCulture, $"/goods/{GoodsHouse.Id(goods)}"));
        answer.ShouldBeOk();
        return answer.Data;
    }

    private async Task<IReadOnlyList<long>> IdsAsync(string path, string? token)
    {
        var answer = await house.GetAsync(path, token);
        answer.ShouldBeOk();
        return [.. answer.Data.GetProperty("list").EnumerateArray().Select(GoodsHouse.Id)];
    }
}
