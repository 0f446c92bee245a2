using System.Text;
using OssProxy.Core.Storage;

namespace OssProxy.Tests.Storage;

/// <summary>The duties of a store that tells what it holds, for every such store.</summary>
public abstract class ListableObjectStoreSpecs
{
    protected CancellationToken Deadline { get; } = new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    protected abstract NamedStore Store { get; }

    /// <summary>Keys that this store can hold at a time and that are easily put into a wrong order, without what they begin with.</summary>
    protected virtual IEnumerable<string> OrderedKeys =>
    [
        "b", "a.b", "a/b", "a0", "a-c/x", "a/b.c", "a/0/z", "a1/a", "B", "目录/一", "目录.一", "～", "😀", "～～/x", "😀～/x", "x～", "x😀", "é", "e\u0301",
        "a b", "a+b", "a%20b", "a&b", ".hidden/.file", "ab/c/d", "ab!c",
    ];

    [Fact]
    public async Task Everything_is_listed_in_the_order_of_the_bytes()
    {
        var keys = OrderedKeys.ToList();
        await FillAsync([.. keys.Select(key => "order/" + key)]);

        var listed = await KeysAsync("order/");

        listed.Should().Equal(keys.Select(key => "order/" + key).OrderBy(Hex, StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_prefix_is_exact()
    {
        string[] keys = ["images/a.png", "images/20260105/b.png", "images2/c.png", "Images/d.png", "image.png", "images.png", "images-x/e.png"];
        await FillAsync([.. keys.Select(key => "p/" + key)]);

        (await KeysAsync("p/images/")).Should().Equal("p/images/20260105/b.png", "p/images/a.png");
        (await KeysAsync("p/images")).Should().Equal(
            "p/images-x/e.png", "p/images.png", "p/images/20260105/b.png", "p/images/a.png", "p/images2/c.png");
        (await KeysAsync("p/images/2026")).Should().Equal("p/images/20260105/b.png");
        (await KeysAsync("p/images/a.png")).Should().Equal("p/images/a.png");
        (await KeysAsync("p/I")).Should().Equal("p/Images/d.png");
        (await KeysAsync("p/images/a.png/")).Should().BeEmpty();
    }

    [Fact]
    public async Task Without_a_prefix_the_whole_store_is_listed()
    {
        await FillAsync(["whole/b", "whole", "z", "whole.txt"]);

        var listed = await KeysAsync("");

        listed.Should().Contain(["whole/b", "z", "whole.txt"]).And.OnlyHaveUniqueItems();
        listed.Should().Equal(listed.OrderBy(Hex, StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("../")]
    [InlineData("/")]
    [InlineData("nothing/a//")]
    [InlineData("nothing/..")]
    [InlineData("nothing\\")]
    [InlineData(".ossproxy/")]
    [InlineData("nothing/%2F&prefix=")]
    public async Task A_prefix_that_no_key_begins_with_lists_nothing(string prefix)
    {
        await FillAsync(["nothing/a/b"]);

        (await KeysAsync(prefix)).Should().BeEmpty();
    }

    [Fact]
    public async Task An_entry_tells_key_size_and_time_of_its_object()
    {
        foreach (var (text, length) in new[] { ("told/空 +%&'(1).png", 7), ("told/empty", 0) })
        {
            using var body = new ScriptedBody(length);
            await Store.Store.PutAsync(ObjectKey.Parse(text), new ObjectContent { Body = body, Length = length, ContentType = "image/png" }, Deadline);
        }

        var listed = await ListAsync("told/");

        listed.Select(entry => (entry.Key, entry.Length)).Should().Equal(("told/empty", 0), ("told/空 +%&'(1).png", 7));
        foreach (var entry in listed)
        {
            var head = await Store.Store.HeadAsync(ObjectKey.Parse(entry.Key), Deadline);
            entry.LastModified.Offset.Should().Be(TimeSpan.Zero);

            // A head of OSS tells whole seconds.
            entry.LastModified.Should().BeCloseTo(head!.LastModified!.Value, TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public async Task More_than_a_page_is_listed_once_and_in_order_also_while_objects_are_deleted()
    {
        var keys = Enumerable.Range(0, 1100).Select(number => $"many/{number:D4}.png").Append("many/x/1").ToArray();
        await FillAsync(keys);
        (await KeysAsync("many/")).Should().Equal(keys);

        // At the end of the first page, behind it, the beginning of what follows, and a folder of its own.
        string[] deleted = ["many/0999.png", "many/1000.png", "many/1050.png", "many/x/1"];
        var listed = new List<string>();
        await foreach (var entry in Store.Listing!.ListAsync("many/", Deadline))
        {
            if (listed.Count == 0)
            {
                foreach (var key in deleted)
                    await Store.Store.DeleteAsync(ObjectKey.Parse(key), Deadline);
            }

            listed.Add(entry.Key);
        }

        listed.Except(deleted).Should().Equal(keys.Except(deleted));
        listed.Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task A_cancelled_listing_ends_as_such()
    {
        await FillAsync(["cancelled/a", "cancelled/b"]);

        var objects = async () => await Store.Listing!.ListAsync("cancelled/", new CancellationToken(canceled: true)).ToListAsync(Deadline);

        await objects.Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Parts_that_are_gone_are_aborted_with_success()
    {
        await Store.Listing!.AbortPartsAsync(new ListedParts("gone/a", "0123456789ABCDEF0123456789ABCDEF", DateTimeOffset.UnixEpoch), Deadline);

        (await Store.Listing.ListPartsAsync("gone/", Deadline).ToListAsync(Deadline)).Should().BeEmpty();
    }

    [Fact]
    public void Keys_are_compared_as_their_bytes_are()
    {
        string[] keys = ["", "a", "A", "a/", "a.", "a0", "aa", "目", "～", "\uE000", "\uFFFD", "😀", "😁", "𠀀", "a～", "a😀", "\uD7FF", "é", "é"];
        foreach (var one in keys)
        {
            foreach (var other in keys)
            {
                Math.Sign(KeyOrder.Instance.Compare(one, other)).Should().Be(
                    Math.Sign(Encoding.UTF8.GetBytes(one).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(other))), "of '{0}' and '{1}'", one, other);
            }
        }
    }

    /// <summary>Puts an object under each key, by the shortest way.</summary>
    protected abstract Task FillAsync(IReadOnlyList<string> keys);

    protected async Task<IReadOnlyList<ListedObject>> ListAsync(string prefix) =>
        await Store.Listing!.ListAsync(prefix, Deadline).ToListAsync(Deadline);

    protected async Task<IReadOnlyList<string>> KeysAsync(string prefix) => [.. (await ListAsync(prefix)).Select(entry => entry.Key)];

    private static string Hex(string key) => Convert.ToHexString(Encoding.UTF8.GetBytes(key));
}
