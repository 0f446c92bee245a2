using System.Net;
using System.Net.Http.Headers;
using OssProxy.Core.Storage;
using OssProxy.Emulator;
using OssProxy.Tests.Derivatives;

namespace OssProxy.Tests.Api.Images;

/// <summary>What anybody gets who asks for the style of an image.</summary>
public sealed class ImageServingSpecs
{
    private const string Key = "photos/a b+c.jpg";
    private const string Styled = "/img/photos/a%20b%2Bc.jpg!thumb";

    [Fact]
    public async Task An_image_is_made_once_and_then_kept_under_its_name()
    {
        await using var house = await ImageHouse.OpenAsync();
        await house.PutAsync(Key);

        using var first = await house.GetAsync(Styled);
        using var second = await house.GetAsync("/img/photos/a%20b%2Bc.jpg?x-oss-process=style/thumb");

        first.StatusCode.Should().Be(HttpStatusCode.OK);
        var body = await first.Content.ReadAsByteArrayAsync();
        (await second.Content.ReadAsByteArrayAsync()).Should().Equal(body);
        house.Renderer.Calls.Should().Be(1);
        first.Content.Headers.ContentType!.ToString().Should().Be("image/jpeg");
        first.Content.Headers.ContentLength.Should().Be(body.Length);
        first.Content.Headers.ContentDisposition!.ToString().Should().Be("inline");
        first.Content.Headers.LastModified.Should().BeNull("its tag says when it is another one");
        first.Headers.CacheControl!.ToString().Should().Be("public, max-age=31536000");
        first.Headers.GetValues("X-Content-Type-Options").Should().Equal("nosniff");
        first.Headers.GetValues("Content-Security-Policy").Should().Equal("default-src 'none'; sandbox");
        first.Headers.Vary.Should().NotContain("Accept");
        first.Tag().Should().MatchRegex("^\"[0-9a-f]{32}\"$").And.Be(second.Tag());

        var kept = (await house.ResultsAsync()).Should().ContainSingle().Subject;
        kept.Should().MatchRegex("^derived/([0-9a-f]{2})/\\1[0-9a-f]{30}/[0-9a-f]{32}\\.jpg$").And.Contain(first.Tag().Trim('"'));
        var stored = await house.Store.HeadAsync(ObjectKey.Parse(kept), CancellationToken.None);
        stored!.ContentType.Should().Be("image/jpeg");
        stored.CacheControl.Should().Be("public, max-age=31536000");
        house.Renderer.Jobs.Single().PoisonKey.Should().StartWith(Key);
    }

    [Fact]
    public async Task What_the_original_says_to_caches_goes_for_its_results()
    {
        await using var house = await ImageHouse.OpenAsync(("Images:Originals", "true"));
        await house.PutAsync(Key, new byte[100], cacheControl: "max-age=60, s-maxage=600");

        using var made = await house.GetAsync(Styled);
        using var has = await house.GetAsync(Styled, ("If-None-Match", made.Tag()));
        using var original = await house.GetAsync("/img/photos/a%20b%2Bc.jpg");
        using var mirrored = await house.GetAsync("/mirror/photos/a%20b%2Bc.jpg!thumb");

        foreach (var answer in new[] { made, has, original, mirrored })
            answer.Headers.GetValues("Cache-Control").Should().Equal("max-age=60, s-maxage=600");
        has.StatusCode.Should().Be(HttpStatusCode.NotModified);
        var kept = (await house.ResultsAsync()).Should().ContainSingle().Subject;
        (await house.Store.HeadAsync(ObjectKey.Parse(kept), CancellationToken.None))!.CacheControl.Should().Be("max-age=60, s-maxage=600");
    }

    [Fact]
    public async Task Another_node_serves_what_one_has_made()
    {
        await using var house = await ImageHouse.OpenAsync();
        await using var other = await house.NeighbourAsync(new ScriptedRenderer());
        await house.PutAsync(Key);
        using var made = await house.GetAsync(Styled);

        using var found = await other.GetAsync(Styled);

        (await found.Content.ReadAsByteArrayAsync()).Should().Equal(await made.Content.ReadAsByteArrayAsync());
        found.Tag().Should().Be(made.Tag());
        other.Renderer.Calls.Should().Be(0);
    }

    [Fact]
    public async Task Without_a_bucket_of_their_own_results_lie_beside_the_originals_and_are_none()
    {
        await using var house = await ImageHouse.OpenAsync(("Images:Bucket", ""), ("Images:Prefix", "made/of"));
        await house.PutAsync(Key);

        using var made = await house.GetAsync(Styled);

        made.StatusCode.Should().Be(HttpStatusCode.OK);
        var kept = (await house.Server.ObjectsAsync()).Should().Contain(Key).And.Subject.Single(key => key.StartsWith("made/of/", StringComparison.Ordinal));
        using var ofResult = await house.GetAsync($"/img/{kept}!thumb");
        await ofResult.ShouldRefuseAsync(404, "NoSuchKey");
    }

    [Fact]
    public async Task Who_has_it_already_is_told_so_before_anything_is_made()
    {
        await using var house = await ImageHouse.OpenAsync();
        await house.PutAsync(Key);
        using var head = await house.HeadAsync(Styled);
        var tag = head.Tag();

        using var same = await house.GetAsync(Styled, ("If-None-Match", $"\"x\", W/{tag}"), ("If-Modified-Since", "Thu, 01 Jan 1970 00:00:00 GMT"));
        same.StatusCode.Should().Be(HttpStatusCode.NotModified);
        same.Tag().Should().Be(tag);
        same.Headers.CacheControl!.ToString().Should().Be("public, max-age=31536000");
        house.Renderer.Calls.Should().Be(0);

        using var other = await house.GetAsync(Styled, ("If-None-Match", "\"x\""));
        other.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_head_makes_nothing_and_tells_the_length_of_what_is_there()
    {
        await using var house = await ImageHouse.OpenAsync();
        await house.PutAsync(Key);

        using var before = await house.HeadAsync(Styled);
        before.StatusCode.Should().Be(HttpStatusCode.OK);
        before.Content.Headers.ContentType.Should().BeNull();
        house.Renderer.Calls.Should().Be(0);

        using var made = await house.GetAsync(Styled);
        await using var other = await house.NeighbourAsync(new ScriptedRenderer());
        foreach (var one in new[] { house, other })
        {
            using var after = await one.HeadAsync(Styled);
            after.Content.Headers.ContentLength.Should().Be(made.Content.Headers.ContentLength);
            after.Content.Headers.ContentType.Should().Be(made.Content.Headers.ContentType);
            after.Tag().Should().Be(before.Tag());
        }

        using var missing = await house.HeadAsync("/img/none.jpg!thumb");
        missing.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(600_000)]
    public async Task Parts_are_served_of_small_and_large_results(int padding)
    {
        await using var house = await ImageHouse.OpenAsync(new ScriptedRenderer { Padding = padding });
        await house.PutAsync(Key);
        using var whole = await house.GetAsync(Styled);
        var body = await whole.Content.ReadAsByteArrayAsync();
        whole.Headers.AcceptRanges.Should().Equal("bytes");

        using var part = await house.GetAsync(Styled, ("Range", "bytes=5-9"), ("If-Range", whole.Tag()));
        part.StatusCode.Should().Be(HttpStatusCode.PartialContent);
        part.Content.Headers.ContentRange.Should().Be(new ContentRangeHeaderValue(5, 9, body.Length));
        (await part.Content.ReadAsByteArrayAsync()).Should().Equal(body[5..10]);
        using var last = await house.GetAsync(Styled, ("Range", "bytes=-3"));
        (await last.Content.ReadAsByteArrayAsync()).Should().Equal(body[^3..]);
        using var other = await house.GetAsync(Styled, ("Range", "bytes=5-9"), ("If-Range", "\"other\""));
        (await other.Content.ReadAsByteArrayAsync()).Should().Equal(body);
        using var beyond = await house.GetAsync(Styled, ("Range", "bytes=9000000-"));
        beyond.Content.Headers.ContentRange!.Length.Should().Be(body.Length);
        await beyond.ShouldRefuseAsync(416, "InvalidRange");
        house.Renderer.Calls.Should().Be(1);
    }

    [Fact]
    public async Task A_format_is_negotiated_where_the_style_lets_it()
    {
        await using var house = await ImageHouse.OpenAsync();
        await house.PutAsync(Key);

        using var plain = await house.GetAsync("/img/photos/a%20b%2Bc.jpg!modern", ("Accept", "image/*,*/*;q=0.8"));
        using var avif = await house.GetAsync("/img/photos/a%20b%2Bc.jpg!modern", ("Accept", "image/webp,image/avif,*/*"));
        using var webp = await house.GetAsync("/img/photos/a%20b%2Bc.jpg!modern", ("Accept", "image/avif;q=0.5, image/webp;q=0.9"));
        using var same = await house.GetAsync("/img/photos/a%20b%2Bc.jpg!modern", ("Accept", "image/webp"), ("If-None-Match", webp.Tag()));
        using var fixedOne = await house.GetAsync(Styled, ("Accept", "image/avif"));

        new[] { plain, avif, webp }.Select(one => one.Content.Headers.ContentType!.ToString()).Should().Equal("image/jpeg", "image/avif", "image/webp");
        new[] { plain, avif, webp }.Select(one => one.Tag()).Should().OnlyHaveUniqueItems();
        foreach (var one in new[] { plain, avif, webp, same })
            one.Headers.Vary.Should().Contain("Accept");
        same.StatusCode.Should().Be(HttpStatusCode.NotModified);
        fixedOne.Content.Headers.ContentType!.ToString().Should().Be("image/jpeg");
        (await house.ResultsAsync()).Select(key => Path.GetExtension(key)).Should().BeEquivalentTo(".avif", ".webp", ".jpg", ".jpg");
    }

    [Fact]
    public async Task An_original_that_was_replaced_has_other_results()
    {
        await using var house = await ImageHouse.OpenAsync(("Images:SourceMemory", "00:00:00"));
        await house.PutAsync(Key, 100);
        using var before = await house.GetAsync(Styled);
        await house.PutAsync(Key, 200);

        using var after = await house.GetAsync(Styled, ("If-None-Match", before.Tag()));

        after.StatusCode.Should().Be(HttpStatusCode.OK);
        after.Tag().Should().NotBe(before.Tag());
        (await after.Content.ReadAsStringAsync()).Should().Contain("of 200");
    }

    [Fact]
    public async Task An_original_that_changes_between_the_look_and_the_reading_is_looked_at_again()
    {
        await using var house = await ImageHouse.OpenAsync();
        await house.PutAsync(Key, 100);
        using var head = await house.HeadAsync(Styled);
        await house.PutAsync(Key, 200);

        using var made = await house.GetAsync(Styled);

        (await made.Content.ReadAsStringAsync()).Should().Contain("of 200");
        made.Tag().Should().NotBe(head.Tag());
        (await house.ResultsAsync()).Should().ContainSingle().Which.Should().Contain(made.Tag().Trim('"'));
        await house.Oss.Objects.DeleteAsync(ObjectKey.Parse(Key), CancellationToken.None);
        using var gone = await house.GetAsync("/img/photos/a%20b%2Bc.jpg!modern");
        await gone.ShouldRefuseAsync(404, "NoSuchKey");
    }

    [Fact]
    public async Task What_is_too_large_is_not_fetched()
    {
        await using var house = await ImageHouse.OpenAsync();
        await house.PutAsync("large.jpg", (20 * 1024 * 1024) + 1);

        using var answer = await house.GetAsync("/img/large.jpg!thumb");

        await answer.ShouldRefuseAsync(400, "ImageTooLarge");
        house.Renderer.Calls.Should().Be(0);
        house.Server.Emulator.Requests.Snapshot().Should().NotContain(request => request.Operation == OssOperation.GetObject && request.Key == "large.jpg");
    }

    [Fact]
    public async Task A_result_that_is_the_original_outlives_the_memory_that_it_was_read_into()
    {
        await using var house = await ImageHouse.OpenAsync(new ScriptedRenderer { ChangesNothing = true });
        var content = Enumerable.Range(0, 5000).Select(i => (byte)i).ToArray();
        await house.PutAsync(Key, content);
        await house.PutAsync("other.jpg", 5000);

        using var first = await house.GetAsync(Styled);
        using var between = await house.GetAsync("/img/other.jpg!thumb");
        using var second = await house.GetAsync(Styled);

        (await first.Content.ReadAsByteArrayAsync()).Should().Equal(content);
        (await second.Content.ReadAsByteArrayAsync()).Should().Equal(content);
    }

    [Fact]
    public async Task Results_that_cannot_be_kept_are_answered_all_the_same()
    {
        await using var house = await ImageHouse.OpenAsync(("Images:CacheBytes", "0"), ("Oss:Attempts", "1"));
        await house.PutAsync(Key);
        house.Server.Emulator.Faults.Add(new FaultRule { Bucket = ImageHouse.Results, Status = 403, Code = "AccessDenied" });

        using var first = await house.GetAsync(Styled);
        using var second = await house.GetAsync(Styled);

        first.StatusCode.Should().Be(HttpStatusCode.OK);
        second.StatusCode.Should().Be(HttpStatusCode.OK);
        house.Renderer.Calls.Should().Be(2);
    }

    [Fact]
    public async Task A_large_result_is_read_from_where_it_is_kept_and_only_then_not_held()
    {
        await using var house = await ImageHouse.OpenAsync(new ScriptedRenderer { Padding = 600_000 }, ("Oss:Attempts", "1"));
        await house.PutAsync(Key);
        await house.PutAsync("other.jpg");

        using var kept = await house.GetAsync(Styled);
        var body = await kept.Content.ReadAsByteArrayAsync();
        var reads = house.Server.Emulator.Requests.Snapshot()
            .Count(request => request.Operation == OssOperation.GetObject && request.Bucket == ImageHouse.Results);
        house.Server.Emulator.Faults.Add(new FaultRule { Bucket = ImageHouse.Results, Status = 403, Code = "AccessDenied" });
        using var held = await house.GetAsync("/img/other.jpg!thumb");

        body.Length.Should().BeGreaterThan(600_000);
        reads.Should().Be(2, "it was looked for in vain, then read");
        (await held.Content.ReadAsByteArrayAsync()).Should().HaveCount(body.Length);
    }

    [Fact]
    public async Task A_store_of_originals_that_fails_is_told_as_such()
    {
        await using var house = await ImageHouse.OpenAsync(("Oss:Attempts", "1"));
        house.Server.Emulator.Faults.Add(new FaultRule { Operation = OssOperation.HeadObject, Status = 503 });

        using var answer = await house.GetAsync(Styled);

        answer.Headers.RetryAfter.Should().NotBeNull();
        await answer.ShouldRefuseAsync(503, "ServiceUnavailable");
    }

    [Fact]
    public async Task Watermarks_get_their_images_and_change_with_them()
    {
        // image_ZC5wbmc is d.png.
        await using var house = await ImageHouse.OpenAsync(
            ("Images:Styles:marked", "image/watermark,image_ZC5wbmc"), ("Images:SourceMemory", "00:00:00"));
        await house.PutAsync(Key);
        using var missing = await house.GetAsync("/img/photos/a%20b%2Bc.jpg!marked");
        await missing.ShouldRefuseAsync(400, "WatermarkError");
        await house.PutAsync("d.png", 10);

        using var first = await house.GetAsync("/img/photos/a%20b%2Bc.jpg!marked");
        await house.PutAsync("d.png", 20);
        using var second = await house.GetAsync("/img/photos/a%20b%2Bc.jpg!marked");

        (await first.Content.ReadAsStringAsync()).Should().EndWith("with d.png");
        second.Tag().Should().NotBe(first.Tag());
        house.Renderer.Jobs.Select(job => job.Job.Marks["d.png"].Length).Should().Equal(10, 20);
    }
}
