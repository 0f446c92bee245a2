using System.Net;
using System.Security.Cryptography;

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

        (await house.ResultsAsync()).Should().BeEmpty("OSS keeps it");
        house.Renderer.Calls.Should().Be(1);
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
