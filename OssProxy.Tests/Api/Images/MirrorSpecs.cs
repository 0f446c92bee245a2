using System.Net;
using System.Security.Cryptography;
using OssProxy.Tests.Derivatives;

namespace OssProxy.Tests.Api.Images;

/// <summary>What OSS fetches from us for a bucket of results.</summary>
public sealed class MirrorSpecs
{
    [Fact]
    public async Task The_answer_is_whole_whatever_else_the_request_says()
    {
        await using var house = await ImageHouse.OpenAsync();
        await house.PutAsync("a b.jpg");
        using var plain = await house.GetAsync("/mirror/a%20b.jpg!modern");
        var body = await plain.Content.ReadAsByteArrayAsync();

        using var other = await house.GetAsync(
            "/mirror/a%20b.jpg!modern?x-oss-process=image/resize,w_1&Signature=x&token=y",
            ("Range", "bytes=0-1"), ("If-None-Match", plain.Tag()), ("Accept", "image/webp"), ("token", "nonsense"));

        plain.StatusCode.Should().Be(HttpStatusCode.OK);
        other.StatusCode.Should().Be(HttpStatusCode.OK);
        (await other.Content.ReadAsByteArrayAsync()).Should().Equal(body);
        foreach (var answer in new[] { plain, other })
        {
            answer.Content.Headers.ContentType!.ToString().Should().Be("image/jpeg");
            answer.Content.Headers.ContentLength.Should().Be(body.Length);
            answer.Content.Headers.ContentMD5.Should().Equal(MD5.HashData(body));
            answer.Headers.CacheControl!.ToString().Should().Be("public, max-age=31536000");
            answer.Headers.Contains("Set-Cookie").Should().BeFalse();
        }

        (await house.ResultsAsync()).Should().ContainSingle("whoever else asks finds it");
        house.Renderer.Calls.Should().Be(1);
    }

    [Fact]
    public async Task A_large_result_is_made_once_however_often_somebody_asks()
    {
        await using var house = await ImageHouse.OpenAsync(new ScriptedRenderer { Padding = 600_000 });
        await house.PutAsync("a.jpg");

        using var first = await house.GetAsync("/mirror/a.jpg!thumb");
        using var second = await house.GetAsync("/mirror/a.jpg!thumb");

        var body = await first.Content.ReadAsByteArrayAsync();
        body.Length.Should().BeGreaterThan(600_000).And.Be((int)first.Content.Headers.ContentLength!.Value);
        (await second.Content.ReadAsByteArrayAsync()).Should().Equal(body);
        house.Renderer.Calls.Should().Be(1);
    }

    [Fact]
    public async Task The_few_addresses_of_those_who_mirror_are_not_counted()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var house = await ImageHouse.OpenAsync(
            new ScriptedRenderer { Before = token => gate.Task.WaitAsync(token) }, ("Images:PerClient", "1"));
        await house.PutAsync("a.jpg");
        await house.PutAsync("b.jpg");

        var asking = new[] { house.GetAsync("/mirror/a.jpg!thumb"), house.GetAsync("/mirror/b.jpg!thumb") };
        await Eventually.TrueAsync(() => Task.FromResult(house.Renderer.Calls == 2), "both are being made");
        gate.SetResult();

        foreach (var answer in await Task.WhenAll(asking))
        {
            answer.StatusCode.Should().Be(HttpStatusCode.OK);
            answer.Dispose();
        }
    }

    [Fact]
    public async Task Not_found_is_an_original_and_nothing_else()
    {
        await using var house = await ImageHouse.OpenAsync();
        await house.PutAsync("a.jpg");

        using var noSource = await house.GetAsync("/mirror/none.jpg!thumb");
        using var noStyle = await house.GetAsync("/mirror/a.jpg!none");
        using var nothing = await house.GetAsync("/mirror/a.jpg");

        await noSource.ShouldRefuseAsync(404, "NoSuchKey");
        await noStyle.ShouldRefuseAsync(400, "InvalidArgument");
        await nothing.ShouldRefuseAsync(400, "InvalidArgument");
    }

    [Fact]
    public async Task A_name_without_a_style_has_the_one_for_it()
    {
        await using var house = await ImageHouse.OpenAsync(("Images:DefaultStyle", "thumb"), ("Images:StyleSeparators", "!-"));
        await house.PutAsync("a.jpg");

        using var plain = await house.GetAsync("/mirror/a.jpg");
        using var styled = await house.GetAsync("/mirror/a.jpg-modern");

        (await plain.Content.ReadAsStringAsync()).Should().Contain("w_100");
        (await styled.Content.ReadAsStringAsync()).Should().Contain("w_200");
    }
}
