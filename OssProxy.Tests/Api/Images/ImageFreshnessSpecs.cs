using System.Net;
using Microsoft.Extensions.DependencyInjection;
using OssProxy.Api.PublicFiles;
using OssProxy.Core.Storage;
using OssProxy.Tests.Derivatives;

namespace OssProxy.Tests.Api.Images;

/// <summary>Nobody is told that what they have is still good when it is not, and no answer is of two files.</summary>
public sealed class ImageFreshnessSpecs
{
    private const string Key = "photos/a b+c.jpg";
    private const string Styled = "/img/photos/a%20b%2Bc.jpg!thumb";

    [Theory]
    [InlineData(0)]
    [InlineData(600_000)]
    public async Task A_time_says_nothing_of_a_result(int padding)
    {
        const string future = "Fri, 31 Dec 2100 23:59:59 GMT";
        await using var house = await ImageHouse.OpenAsync(new ScriptedRenderer { Padding = padding });
        await house.PutAsync(Key);

        using var whole = await house.GetAsync(Styled, ("If-Modified-Since", future));
        using var again = await house.GetAsync(Styled, ("If-Modified-Since", future));
        using var part = await house.GetAsync(Styled, ("Range", "bytes=5-9"), ("If-Range", future));
        using var mirrored = await house.GetAsync("/mirror/photos/a%20b%2Bc.jpg!thumb");

        foreach (var answer in new[] { whole, again, part, mirrored })
        {
            answer.StatusCode.Should().Be(HttpStatusCode.OK);
            answer.Content.Headers.LastModified.Should().BeNull();
        }
    }

    [Fact]
    public async Task An_original_that_was_overwritten_is_served_as_it_is_now()
    {
        await using var house = await ImageHouse.OpenAsync(("Images:Originals", "true"), ("Images:SourceMemory", "01:00:00"));
        await house.PutAsync(Key, [1, 2, 3, 4]);
        const string target = "/img/photos/a%20b%2Bc.jpg";
        using var before = await house.GetAsync(target);
        using var styled = await house.GetAsync(Styled);
        await house.PutAsync(Key, [5, 6, 7, 8]);

        using var part = await house.GetAsync(target, ("Range", "bytes=2-3"), ("If-Range", before.Tag()));
        using var has = await house.GetAsync(target, ("If-None-Match", before.Tag()));
        using var anew = await house.GetAsync(Styled);
        await house.Oss.Objects.DeleteAsync(ObjectKey.Parse(Key), CancellationToken.None);
        using var gone = await house.GetAsync(target);

        before.Content.Headers.LastModified.Should().NotBeNull();
        (await part.Content.ReadAsByteArrayAsync()).Should().Equal(5, 6, 7, 8);
        part.Tag().Should().NotBe(before.Tag());
        has.StatusCode.Should().Be(HttpStatusCode.OK);
        anew.Tag().Should().NotBe(styled.Tag(), "what was remembered of it is forgotten");
        await gone.ShouldRefuseAsync(404, "NoSuchKey");
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(2, 4)]
    [InlineData(0, 9)]
    public async Task What_was_replaced_between_the_look_and_the_reading_gives_no_byte(int from, int length)
    {
        await using var house = await ImageHouse.OpenAsync();
        var store = house.Server.Services.GetRequiredService<ObjectStores>().Main.Store;
        await house.PutAsync(Key, [1, 2, 3, 4]);
        var promised = await store.HeadAsync(ObjectKey.Parse(Key), CancellationToken.None);
        await using var same = new ObjectStream(store, promised!) { Position = from };
        await using var other = new ObjectStream(store, promised!) { Position = from };
        await using var untagged = new ObjectStream(store, promised! with { ETag = null }) { Position = from };

        (await same.ReadAsync(new byte[9])).Should().BePositive();
        await house.PutAsync(Key, new byte[length]);
        var reading = async () => await other.ReadAsync(new byte[9]);
        var readingBySize = async () => await untagged.ReadAsync(new byte[9]);

        await reading.Should().ThrowAsync<StoreException>();
        if (length == 4)
            (await readingBySize()).Should().BePositive("nothing else was promised");
        else
            await readingBySize.Should().ThrowAsync<StoreException>();
    }
}
