using System.Globalization;
using System.Net;
using OssProxy.Tests.Api;
using OssProxy.Tests.Grants;

namespace OssProxy.Tests.Goods;

/// <summary>An image may be told by every address under which it is read.</summary>
public sealed class GoodsAddressSpecs(GoodsHouse house) : IClassFixture<GoodsHouse>
{
    [Theory]
    [InlineData("{0}?x-oss-process=image/resize,w_300,m_lfit/quality,q_80")]
    [InlineData("{0}#top")]
    [InlineData("  {0}  ")]
    [InlineData("{0},")]
    public async Task What_follows_an_address_is_dropped(string form)
    {
        var (_, token) = await house.UserAsync();
        var (first, _) = await house.UploadAsync(token);
        var (second, _) = await house.UploadAsync(token);

        foreach (var order in new[] { $"{form},{{1}}", $"{{1}},{form}" })
        {
            var published = await house.PublishAsync(token, string.Format(CultureInfo.InvariantCulture, order, first, second));

            published.ShouldBeOk();
            published.Data.GetProperty("images").GetArrayLength().Should().Be(2);
        }
    }

    [Fact]
    public async Task A_name_may_be_escaped_or_not_and_is_one_image_in_both_ways()
    {
        var (_, token) = await house.UserAsync();
        var (raw, _) = await house.UploadAsync(token, name: "我的 照片, 1.jpg");
        var escaped = raw[..(raw.LastIndexOf('/') + 1)] + Uri.EscapeDataString(raw[(raw.LastIndexOf('/') + 1)..]);

        var published = await house.PublishAsync(token, escaped);

        published.ShouldBeOk();
        published.Data.GetProperty("imgs").GetString().Should().Be(escaped, "the link of the record has no comma of its own");
        (await house.PublishAsync(token, raw)).ShouldBeOk();
        (await house.PublishAsync(token, raw, escaped)).ShouldFail(422, "GoodsImageRepeated");
    }

    [Fact]
    public async Task Images_may_come_as_a_list_and_goods_as_a_form()
    {
        var (_, token) = await house.UserAsync();
        var (first, _) = await house.UploadAsync(token);
        var (second, _) = await house.UploadAsync(token);

        (await house.PostAsync("/api/goods/publish", new { imgs = new[] { first, second } }, token)).Data
            .GetProperty("images").GetArrayLength().Should().Be(2);
        foreach (var fields in new KeyValuePair<string, string>[][]
        {
            [new("imgs", $"{first},{second}"), new("title", "椅子 & 桌子")],
            [new("imgs[]", first), new("imgs[]", second), new("title", "椅子 & 桌子")],
            [new("imgs", $"""["{first}","{second}"]"""), new("title", "椅子 & 桌子")],
        })
        {
            using var form = new FormUrlEncodedContent(fields);
            using var request = new HttpRequestMessage(HttpMethod.Post, "/goods/publish") { Content = form };
            request.Headers.Add("token", token);
            using var response = await house.Server.Client.SendAsync(request);
            var published = await Answer.ReadAsync(response);

            published.ShouldBeOk();
            published.Data.GetProperty("title").GetString().Should().Be("椅子 & 桌子");
            published.Data.GetProperty("images").GetArrayLength().Should().Be(2);
        }
    }

    [Fact]
    public async Task What_came_through_us_is_published_by_the_address_that_was_answered()
    {
        var (_, token) = await house.UserAsync();
        var oss = await SendAsync("/api/chat/uploadAliyun", "img", token);
        var disk = await SendAsync("/api/chat/uploadStreamSingleToServerDiy/chatImgs", "file", token);
        var (gateway, _) = await house.UploadAsync(token, "?via=gateway");
        gateway.Should().Contain("/oss/gateway/");

        var url = GrantHouse.Text(disk.Data, "url");
        url.Should().StartWith("/public/uploads/");
        (await house.PublishAsync(token, GrantHouse.Text(oss.Row, "url"), url, gateway)).ShouldBeOk();
        (await house.PublishAsync(token, new Uri(house.Server.Address, url).OriginalString)).ShouldBeOk();
    }

    private async Task<Answer> SendAsync(string path, string field, string token)
    {
        using var content = new Form().File(field, "a.jpg", GoodsHouse.Photo).ToContent();
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        request.Headers.Add("token", token);
        using var response = await house.Server.Client.SendAsync(request);
        var answer = await Answer.ReadAsync(response);
        answer.ShouldBeOk();
        return answer;
    }
}

/// <summary>Where every address has a domain of its own, all of them are ours, and each for its own store.</summary>
public sealed class GoodsDomainSpecs(DomainsGoodsHouse house) : IClassFixture<DomainsGoodsHouse>
{
    [Fact]
    public async Task Every_domain_leads_to_the_image()
    {
        var (_, token) = await house.UserAsync();
        var put = await house.PresignAsync(new { file_name = "a.jpg", size = GoodsHouse.Photo.Length }, token);
        var key = GrantHouse.Text(put, "key");
        // The domain is nobody's in a test; no signature holds the host.
        using var stored = await house.PutAsync(put, GoodsHouse.Photo, request =>
            request.RequestUri = new Uri(house.Server.Emulator.Address, request.RequestUri!.PathAndQuery));
        stored.StatusCode.Should().Be(HttpStatusCode.OK);

        (await house.PublishAsync(token, $"https://post.example.com/{key}")).ShouldBeOk();
        (await house.PublishAsync(token, $"https://cdn.example.com/img/{key}")).ShouldBeOk();
        (await house.PublishAsync(token, $"https://api.example.com/v1/oss/gateway/{key}")).ShouldBeOk();
        (await house.PublishAsync(token, $"{house.Server.Emulator.Address}{ApiServer.Bucket}/{key}")).ShouldBeOk();
        (await house.PublishAsync(token, $"https://files.example.com/{key}")).ShouldFail(422, "GoodsImageMissing");
        (await house.PublishAsync(token, $"/public/uploads/{key}")).ShouldFail(422, "GoodsImageMissing");
        (await house.PublishAsync(token, $"https://cdn.example.com/{key}")).ShouldFail(422, "GoodsImageElsewhere");
        (await house.PublishAsync(token, $"/oss/gateway/{key}")).ShouldFail(422, "GoodsImageElsewhere");
        (await house.RowsOfAsync(key)).Should().Be(1);
    }
}
