using System.Globalization;
using System.Text;
using OssProxy.Tests.Api;
using OssProxy.Tests.Grants;

namespace OssProxy.Tests.Goods;

/// <summary>What is not the publisher's, or not there, is not published; and the refusal says which image it is.</summary>
public sealed class GoodsRefusalSpecs(GoodsHouse house) : IClassFixture<GoodsHouse>
{
    [Theory]
    [InlineData("http://{host}.evil.example/test-bucket/{key}")]
    [InlineData("http://{host}@evil.example/test-bucket/{key}")]
    [InlineData("http://user:pass@{host}/test-bucket/{key}")]
    [InlineData("http://@{host}/test-bucket/{key}")]
    [InlineData(@"http://{host}\@evil.example/test-bucket/{key}")]
    [InlineData("https://{host}/test-bucket/{key}")]
    [InlineData("http://{host}0/test-bucket/{key}")]
    [InlineData("http://127.0.0.1/test-bucket/{key}")]
    [InlineData("http://{host}/test-bucket-2/{key}")]
    [InlineData("http://{host}/{key}")]
    [InlineData("http://{host}/test-bucket/x/../{key}")]
    [InlineData("http://{host}/test-bucket/%2e%2e/{key}")]
    [InlineData("http://{host}/test-bucket/%zz{key}")]
    [InlineData("//{host}/test-bucket/{key}")]
    [InlineData("http://evil.example/?http://{host}/test-bucket/{key}")]
    [InlineData("data://{host}/test-bucket/{key}")]
    public async Task An_address_that_only_looks_like_ours_is_refused(string form)
    {
        var (_, token) = await house.UserAsync();
        var (good, _) = await house.UploadAsync(token);
        var (url, key) = await house.UploadAsync(token);
        var bad = form.Replace("{host}", new Uri(url).Authority, StringComparison.Ordinal).Replace("{key}", key, StringComparison.Ordinal);

        var answer = await house.PublishAsync(token, good, bad);

        answer.ShouldFail(422, "GoodsImageElsewhere");
        answer.Message.Should().StartWith("imgs 第 2 张：");
        (await house.CountAsync(token)).Should().Be(0);
        (await house.RowsOfAsync(key)).Should().Be(0);
    }

    [Fact]
    public async Task An_image_of_somebody_elses_is_refused_like_one_that_is_not_there()
    {
        var (_, token) = await house.UserAsync();
        var (_, other) = await house.UserAsync();
        var (mine, _) = await house.UploadAsync(token);
        var (unrecorded, unrecordedKey) = await house.UploadAsync(other);
        var (recorded, _) = await house.UploadAsync(other);
        var theirs = (await house.PublishAsync(other, recorded)).Data;
        var deleted = await house.UploadAsync(token);
        var goods = (await house.PublishAsync(token, deleted.Url)).Data;
        await house.DeleteImageAsync(GoodsHouse.Id(goods.GetProperty("images")[0]), token);
        var policy = await house.PolicyAsync("", token);
        var unfinished = $"{GrantHouse.Text(policy, "host")}/{house.KeyIn(policy)}";

        var answers = new List<Answer>();
        foreach (var url in new[] { unrecorded, recorded, deleted.Url, unfinished, mine + "x", $"{GrantHouse.Text(policy, "host")}/images/1.jpg" })
            answers.Add(await house.PublishAsync(token, mine, url));

        answers.Should().AllSatisfy(answer => answer.ShouldFail(422, "GoodsImageMissing"));
        answers.Select(answer => answer.Message).Distinct().Should().ContainSingle().Which.Should().StartWith("imgs 第 2 张：");
        (await house.CountAsync(token)).Should().Be(1, "only what was published before");
        (await house.RowsOfAsync(unrecordedKey)).Should().Be(0, "nobody settles what is another's");
        (await house.PublishAsync(ApiServer.AdminKey, recorded, mine)).Data.GetProperty("images")[0].GetProperty("id").GetInt64()
            .Should().Be(GoodsHouse.Id(theirs.GetProperty("images")[0]), "an admin may show any image");
    }

    [Fact]
    public async Task What_no_class_takes_is_gone_and_is_not_published()
    {
        var (_, token) = await house.UserAsync();
        var policy = await house.PolicyAsync("", token);
        var key = house.KeyIn(policy);
        using var posted = await house.PostFormAsync(policy, Encoding.UTF8.GetBytes("<!DOCTYPE html><script>alert(1)</script>"), key);

        var url = $"{GrantHouse.Text(policy, "host")}/{key}";
        (await house.PublishAsync(token, url)).ShouldFail(415, "TypeNotAllowed");
        (await house.PublishAsync(token, url)).ShouldFail(422, "GoodsImageMissing");

        await house.ShouldBeGoneAsync(key);
        (await house.CountAsync(token)).Should().Be(0);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"imgs":""}""")]
    [InlineData("""{"imgs":" , "}""")]
    [InlineData("""{"imgs":[]}""")]
    [InlineData("""{"imgs":{}}""")]
    [InlineData("""{"imgs":null}""")]
    [InlineData("""{"imgs":"[1"}""")]
    [InlineData("""{"imgs":"{21}"}""")]
    [InlineData("""{"imgs":"{1}","spec":{"size":1}}""")]
    [InlineData("""{"imgs":"{1}","tags":["a","b"]}""")]
    [InlineData("""{"imgs":"{1}","title":"a\u0000b"}""")]
    [InlineData("""{"imgs":"{1}","":"no name"}""")]
    [InlineData("""{"imgs":"{1}","title":"a","title":"b"}""")]
    [InlineData("""{"imgs":"{1}","\ud800":1}""")]
    [InlineData("""{"imgs":"{1}","title":"\ud800"}""")]
    [InlineData("""{"imgs":"{1}",{many}}""")]
    [InlineData("""{"imgs":"{1}","{name}":1}""")]
    [InlineData("""{"imgs":"{1}","desc":"{long}"}""")]
    [InlineData("""["{1}"]""")]
    public async Task What_cannot_be_understood_or_kept_is_refused(string form)
    {
        var (_, token) = await house.UserAsync();
        var (url, _) = await house.UploadAsync(token);
        var body = form
            .Replace("{1}", url, StringComparison.Ordinal)
            .Replace("{21}", string.Join(',', Enumerable.Range(0, 21).Select(at => url + at)), StringComparison.Ordinal)
            .Replace("{many}", string.Join(',', Enumerable.Range(0, 33).Select(at => $"\"f{at}\":1")), StringComparison.Ordinal)
            .Replace("{name}", new string('n', 65), StringComparison.Ordinal)
            .Replace("{long}", new string('长', 6000), StringComparison.Ordinal);

        (await SendAsync(body, token)).ShouldFail(422, "FieldInvalid");
        (await house.CountAsync(token)).Should().Be(0);
    }

    [Fact]
    public async Task What_a_publisher_says_is_kept_as_it_came_but_for_the_names_that_are_ours()
    {
        var (_, token) = await house.UserAsync();
        var (url, _) = await house.UploadAsync(token);
        var many = string.Join(',', Enumerable.Range(0, 25).Select(at => $"\"f{at}\":{at}"));

        var published = await SendAsync(
            $$"""{"imgs":"{{url}}","title":"  椅子\n\"好\"<b> ","price":12.50,"big":1e400,"sold":false,"none":null,"user_id":7,"id":1,"images":"x","create_time":0,{{many}}}""",
            token);

        published.ShouldBeOk();
        published.Text.Should().Contain("\"title\":\"  椅子\\n\\\"好\\\"<b> \",\"price\":12.50,\"big\":1e400,\"sold\":false,\"user_id\":7,\"f0\":0");
        published.Data.TryGetProperty("none", out _).Should().BeFalse();
        published.Data.GetProperty("images").GetArrayLength().Should().Be(1);
        published.Data.GetProperty("create_time").GetInt64().Should().BePositive();
    }

    [Fact]
    public async Task Twenty_images_are_not_too_many()
    {
        var (_, token) = await house.UserAsync();
        var urls = new List<string>();
        for (var i = 0; i < 20; i++)
            urls.Add((await house.UploadAsync(token)).Url);

        (await house.PublishAsync(token, [.. urls])).Data.GetProperty("images").GetArrayLength().Should().Be(20);
        (await house.PublishAsync(token, [.. urls[..19], urls[3]])).Message.Should().StartWith("imgs 第 20 张：").And.Contain("重复");
    }

    [Fact]
    public async Task An_id_that_is_none_is_no_route_and_one_that_nobody_has_is_no_goods()
    {
        (await house.GetAsync("/goods/0")).ShouldFail(404, "GoodsNotFound");
        (await house.GetAsync("/goods/-1")).ShouldFail(404, "GoodsNotFound");
        (await house.GetAsync("/goods/x")).ShouldFail(404, "RouteNotFound");
        (await house.GetAsync(string.Create(CultureInfo.InvariantCulture, $"/goods/{ulong.MaxValue}"))).ShouldFail(404, "RouteNotFound");
    }

    private async Task<Answer> SendAsync(string body, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/goods/publish") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("token", token);
        using var response = await house.Server.Client.SendAsync(request);
        return await Answer.ReadAsync(response);
    }
}

/// <summary>A deployment without records says so in words of its own.</summary>
public sealed class GoodsWithoutRecordsSpecs : ApiSpecs
{
    protected override (string Key, string Value)[] Settings => [("Records:Provider", "none")];

    [Theory]
    [InlineData("POST", "/goods/publish")]
    [InlineData("GET", "/goods/list")]
    [InlineData("GET", "/goods/mine")]
    [InlineData("GET", "/goods/1")]
    [InlineData("DELETE", "/goods/1")]
    public async Task There_are_no_goods(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Add("token", ApiServer.AdminKey);
        using var response = await Server.Client.SendAsync(request);
        var answer = await Answer.ReadAsync(response);

        answer.ShouldFail(501, "RecordsOff");
        answer.Message.Should().Contain("商品");
    }
}
