using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;

namespace OssProxy.Tests.Emulator;

public sealed class ListingSpecs : EmulatorSpecs
{
    [Fact]
    public async Task Keys_come_in_the_order_of_their_bytes()
    {
        // U+FF5E sorts behind U+1F600 in UTF-16 and before it in UTF-8.
        string[] keys = ["b", "B", "a/b", "a", "目录/x", "～", "😀", "a b", "a+b"];
        foreach (var key in keys)
            await PutAsync(key);

        var expected = keys.OrderBy(k => Convert.ToHexString(Encoding.UTF8.GetBytes(k)), StringComparer.Ordinal);
        Keys((await Client.GetAsync("/photos/?list-type=2")).Xml).Should().Equal(expected);
        Keys((await Client.GetAsync("/photos/?encoding-type=url&list-type=2")).Xml).Should().Contain("a%20b").And.Contain("a%2Bb").And.Contain("a%2Fb");
        (await Client.GetAsync("/photos/?list-type=2")).Xml.Elements("Contents").Should().OnlyContain(c => c.Element("Owner") == null);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(100)]
    public async Task Pages_of_any_size_hold_everything_once(int size)
    {
        foreach (var key in new[] { "a", "b/1", "b/2", "b/3", "c", "d/1", "e" })
            await PutAsync(key);

        var (seen, token, marker) = (new List<string>(), "", "");
        for (var pages = 0; pages < 9; pages++)
        {
            var page = (await Client.GetAsync($"/photos/?{(token.Length == 0 ? "" : $"continuation-token={Uri.EscapeDataString(token)}&")}delimiter=%2F&list-type=2&max-keys={size}")).Xml;
            var names = Keys(page).Concat(Groups(page)).ToList();
            names.Count.Should().Be(int.Parse(page.Element("KeyCount")!.Value, System.Globalization.CultureInfo.InvariantCulture)).And.BeLessThanOrEqualTo(size);
            seen.AddRange(names);
            if (page.Element("NextContinuationToken")?.Value is not { } next)
                break;

            token = next;
        }

        seen.Should().BeEquivalentTo("a", "b/", "c", "d/", "e").And.OnlyHaveUniqueItems();

        seen.Clear();
        for (var pages = 0; pages < 9; pages++)
        {
            var page = (await Client.GetAsync($"/photos/?delimiter=%2F&{(marker.Length == 0 ? "" : $"marker={Uri.EscapeDataString(marker)}&")}max-keys={size}")).Xml;
            page.Elements("Contents").Should().NotContain(c => c.Element("Owner") == null);
            seen.AddRange(Keys(page).Concat(Groups(page)));
            marker = page.Element("NextMarker")?.Value ?? "";
            if (marker.Length == 0)
                break;
        }

        seen.Should().BeEquivalentTo("a", "b/", "c", "d/", "e").And.OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task Prefix_and_start_narrow_the_list()
    {
        foreach (var key in new[] { "a", "b/1", "b/2", "c" })
            await PutAsync(key);

        Keys((await Client.GetAsync("/photos/?list-type=2&prefix=b%2F")).Xml).Should().Equal("b/1", "b/2");
        Keys((await Client.GetAsync("/photos/?list-type=2&start-after=b%2F1")).Xml).Should().Equal("b/2", "c");
        Keys((await Client.GetAsync("/photos/?marker=b%2F2")).Xml).Should().Equal("c");
        (await Client.GetAsync("/photos/?fetch-owner=true&list-type=2")).Xml.Element("Contents")!.Element("Owner").Should().NotBeNull();
    }

    [Theory]
    [InlineData("list-type=2&max-keys=0")]
    [InlineData("list-type=2&max-keys=1001")]
    [InlineData("list-type=2&max-keys=-1")]
    [InlineData("encoding-type=base64&list-type=2")]
    [InlineData("continuation-token=%21&list-type=2")]
    [InlineData("list-type=3")]
    public async Task Parameters_outside_their_range_are_refused(string query) =>
        (await Client.GetAsync("/photos/?" + query)).Code.Should().Be("InvalidArgument");

    [Fact]
    public async Task Many_objects_are_deleted_in_one_request()
    {
        await PutAsync("a&b");
        await PutAsync("c d");
        var reply = await DeleteAsync("/photos/?delete&encoding-type=url", quiet: false, "a&b", "c d", "never-was");
        reply.Xml.Elements("Deleted").Select(d => d.Element("Key")!.Value).Should().Equal("a%26b", "c%20d", "never-was");
        Keys((await Client.GetAsync("/photos/?list-type=2")).Xml).Should().BeEmpty();
        var quiet = await DeleteAsync("/photos/?delete", quiet: true, "x");
        (quiet.Status, quiet.Body.Length).Should().Be((200, 0));
        (await Client.SendAsync("POST", "/photos/?delete", "x"u8.ToArray())).Code.Should().Be("InvalidArgument");
        (await Client.SendAsync("POST", "/photos/?delete", "x"u8.ToArray(), ("Content-MD5", Convert.ToBase64String(MD5.HashData("y"u8))))).Code.Should().Be("InvalidDigest");
        (await Client.SendAsync("POST", "/photos/?delete", "x"u8.ToArray(), ("Content-MD5", Convert.ToBase64String(MD5.HashData("x"u8))))).Code.Should().Be("MalformedXML");
    }

    [Fact]
    public async Task Buckets_are_made_described_and_removed()
    {
        (await Client.SendAsync("PUT", "/new-bucket/", [], ("x-oss-acl", "public-read"))).Status.Should().Be(200);
        (await Client.SendAsync("PUT", "/new-bucket/", [])).Code.Should().Be("BucketAlreadyExists");
        (await Client.SendAsync("PUT", "/Bad_Bucket", [])).Code.Should().Be("InvalidBucketName");
        var bucket = (await Client.GetAsync("/new-bucket/?bucketInfo")).Xml.Element("Bucket")!;
        (bucket.Element("Name")!.Value, bucket.Element("Location")!.Value, bucket.Element("AccessControlList")!.Element("Grant")!.Value)
            .Should().Be(("new-bucket", "oss-cn-hangzhou", "public-read"));
        (await Client.GetAsync("/photos/?location")).Xml.Value.Should().Be("oss-cn-hangzhou");
        (await Client.GetAsync("/")).Xml.Element("Buckets")!.Elements("Bucket").Select(b => b.Element("Name")!.Value).Should().Equal("new-bucket", "photos", "secret");
        (await Client.PutAsync("/new-bucket/x", "x")).Status.Should().Be(200);
        (await Client.SendAsync("DELETE", "/new-bucket/", null)).Code.Should().Be("BucketNotEmpty");
        (await Client.SendAsync("DELETE", "/new-bucket/x", null)).Status.Should().Be(204);
        (await Client.SendAsync("DELETE", "/new-bucket/", null)).Status.Should().Be(204);
        (await Client.GetAsync("/new-bucket/?list-type=2")).Code.Should().Be("NoSuchBucket");
    }

    private async Task PutAsync(string key) =>
        (await Client.PutAsync("/photos/" + string.Join('/', key.Split('/').Select(Uri.EscapeDataString)), key)).Status.Should().Be(200);

    private Task<WireReply> DeleteAsync(string target, bool quiet, params string[] keys)
    {
        var body = Encoding.UTF8.GetBytes(new XElement("Delete", new XElement("Quiet", quiet), keys.Select(k => new XElement("Object", new XElement("Key", k)))).ToString());
        return Client.SendAsync("POST", target, body, ("Content-MD5", Convert.ToBase64String(MD5.HashData(body))));
    }

    private static IEnumerable<string> Keys(XElement page) => page.Elements("Contents").Select(c => c.Element("Key")!.Value);

    private static IEnumerable<string> Groups(XElement page) => page.Elements("CommonPrefixes").Select(c => c.Element("Prefix")!.Value);
}
