using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.Oss;
using OssProxy.Core.Storage;
using OssProxy.Tests.Emulator;
using OssProxy.Tests.Storage;

namespace OssProxy.Tests.Oss;

/// <summary>The duties of a listing, kept by OSS over HTTP; uploads in parts; and stores that do not keep to the protocol.</summary>
public sealed class OssListingSpecs(EmulatedStore oss) : ListableObjectStoreSpecs, IClassFixture<EmulatedStore>
{
    private const string Time = "<LastModified>2026-01-05T08:43:27.000Z</LastModified>";

    protected override NamedStore Store => oss.Store;

    // A disk cannot hold a file and a folder of one name.
    protected override IEnumerable<string> OrderedKeys =>
        [.. base.OrderedKeys, "a", "a/", "a//b", "目录", "目录/", "a<b>&\"c", "%2e%2e/a", "a\\b", "x|y", new string('k', 1000)];

    [Fact]
    public async Task A_listing_asks_for_a_page_of_a_thousand_when_it_is_needed()
    {
        await using var store = new RawStore(e => e.ReplyAsync(200, "", e.Number == 1
            ? Page("<NextContinuationToken>t</NextContinuationToken>", $"<Key>a/1</Key>{Time}", $"<Key>a/2</Key>{Time}")
            : Page("", $"<Key>a/3</Key>{Time}")));
        using var client = Client(store);
        var asked = new List<int>();

        await foreach (var _ in new OssObjectStore(client).ListAsync("a/", Deadline))
            asked.Add(store.Exchanges.Count);

        asked.Should().Equal(1, 1, 2);
        store.Exchanges.Should().OnlyContain(e => e.RequestLine.Contains("max-keys=1000") && e.RequestLine.Contains("encoding-type=url"));
    }

    [Fact]
    public async Task Keys_that_we_would_refuse_are_listed_as_they_are_and_their_parts_aborted()
    {
        var wire = new WireClient(oss.Emulator.Address);
        foreach (var encoded in new[] { "foreign/a/../b", "foreign/a%01b", "foreign/plus%2B%20%25" })
        {
            var reply = await wire.PutAsync("/parts/" + encoded, "x");
            reply.Status.Should().Be(200, reply.Text);
            (await wire.SendAsync("POST", $"/parts/{encoded}?uploads", [])).Status.Should().Be(200);
        }

        string[] keys = ["foreign/a\u0001b", "foreign/a/../b", "foreign/plus+ %"];
        (await KeysAsync("foreign/")).Should().Equal(keys);
        var begun = await PartsAsync("foreign/");
        begun.Select(parts => parts.Key).Should().Equal(keys);

        foreach (var parts in begun)
            await Store.Listing!.AbortPartsAsync(parts, Deadline);
        (await PartsAsync("foreign/")).Should().BeEmpty();
        (await KeysAsync("foreign/")).Should().Equal(keys);
    }

    [Fact]
    public async Task Uploads_in_parts_are_listed_over_pages_and_aborted_one_by_one()
    {
        var keys = Enumerable.Range(0, 990).Select(number => $"begun/{number:D4}").ToList();
        await Parallel.ForEachAsync(keys, Deadline, async (key, _) => await BeginAsync(key));

        // The first page ends between uploads of one key.
        for (var i = 0; i < 20; i++)
            await BeginAsync("begun/same");
        await BeginAsync("begun/～");
        await BeginAsync("begun/😀");
        await BeginAsync("begun2/a");

        var begun = await PartsAsync("begun/");

        begun.Select(parts => parts.Key).Should().Equal([.. keys, .. Enumerable.Repeat("begun/same", 20), "begun/～", "begun/😀"]);
        begun.Select(parts => parts.UploadId).Should().OnlyHaveUniqueItems();
        begun.Should().OnlyContain(parts => (TimeProvider.System.GetUtcNow() - parts.BegunAt).Duration() < TimeSpan.FromMinutes(2));

        ListedParts[] aborted = [begun[0], begun[1000], begun[1011]];
        foreach (var parts in aborted)
            await Store.Listing!.AbortPartsAsync(parts, Deadline);
        await Store.Listing!.AbortPartsAsync(aborted[1], Deadline);
        (await PartsAsync("begun/")).Should().Equal(begun.Except(aborted));
    }

    [Theory]
    [InlineData(503, "ServerBusy", StoreError.StoreBusy)]
    [InlineData(500, "InternalError", StoreError.StoreFailed)]
    [InlineData(403, "AccessDenied", StoreError.StoreAccessDenied)]
    [InlineData(404, "NoSuchBucket", StoreError.StoreMisconfigured)]
    [InlineData(501, "NotImplemented", StoreError.StoreMisconfigured)]
    public async Task A_refusal_is_the_stores(int status, string code, StoreError error)
    {
        await using var store = new RawStore(e => e.RefuseAsync(status, code));

        await ShouldFailAsync(store, error, objects: 0);
    }

    [Fact]
    public async Task A_connection_that_breaks_is_the_stores()
    {
        await using var store = new RawStore(e =>
        {
            e.Reset();
            return Task.CompletedTask;
        });

        await ShouldFailAsync(store, StoreError.StoreUnreachable, objects: 0);
    }

    [Fact]
    public async Task A_later_page_that_fails_ends_the_listing_as_a_failure()
    {
        await using var store = new RawStore(e => e.Number == 1
            ? e.ReplyAsync(200, "", Page("<NextContinuationToken>t</NextContinuationToken>", $"<Key>a/1</Key>{Time}", $"<Key>a/2</Key>{Time}"))
            : e.RefuseAsync(503, "ServerBusy"));

        await ShouldFailAsync(store, StoreError.StoreBusy, objects: 2, parts: false);
    }

    [Theory]
    [InlineData("a/2", "a/1", 1)]
    [InlineData("a/1", "a/1", 1)]
    [InlineData("a/😀", "a/～", 1)]
    [InlineData("a/1", "b/2", 1)]
    [InlineData("A/1", "a/2", 0)]
    public async Task A_store_that_lists_out_of_order_or_beside_the_prefix_is_not_believed(string first, string second, int objects)
    {
        await using var store = new RawStore(e => e.ReplyAsync(200, "", Page("", $"<Key>{first}</Key>{Time}", $"<Key>{second}</Key>{Time}")));

        await ShouldFailAsync(store, StoreError.StoreFailed, objects, parts: false);
    }

    [Fact]
    public async Task An_entry_without_its_time_is_not_believed()
    {
        await using var store = new RawStore(e => e.ReplyAsync(200, "", Page("", "<Key>a/1</Key>")));

        await ShouldFailAsync(store, StoreError.StoreFailed, objects: 0, parts: false);
    }

    [Fact]
    public async Task A_listing_that_leads_back_to_itself_comes_to_an_end()
    {
        await using var store = new RawStore(e => e.ReplyAsync(200, "", e.RequestLine.Contains("uploads", StringComparison.Ordinal)
            ? "<ListMultipartUploadsResult><IsTruncated>true</IsTruncated><NextKeyMarker>a/1</NextKeyMarker><NextUploadIdMarker>u</NextUploadIdMarker>"
                + "</ListMultipartUploadsResult>"
            : Page("<NextContinuationToken>t</NextContinuationToken>")));

        await ShouldFailAsync(store, StoreError.StoreFailed, objects: 0);
    }

    [Fact]
    public async Task An_abortion_that_fails_is_the_stores()
    {
        await using var store = new RawStore(e => e.RefuseAsync(403, "AccessDenied"));
        using var client = Client(store);

        var abort = () => new OssObjectStore(client).AbortPartsAsync(new ListedParts("a", "u", DateTimeOffset.UnixEpoch), Deadline);

        (await abort.Should().ThrowAsync<StoreException>()).Which.Error.Should().Be(StoreError.StoreAccessDenied);
        store.Exchanges.Single().RequestLine.Should().Be("DELETE /photos/a?uploadId=u HTTP/1.1");
    }

    protected override async Task FillAsync(IReadOnlyList<string> keys) => await Parallel.ForEachAsync(keys, Deadline, async (key, token) =>
    {
        using var body = new MemoryStream([1]);
        var content = new ObjectContent { Body = body, Length = 1, ContentType = "image/png", ForbidOverwrite = false };
        await Store.Store.PutAsync(ObjectKey.Parse(key), content, token);
    });

    private static OssClient Client(RawStore store) => new(store.Options(), TimeProvider.System, NullLogger<OssClient>.Instance);

    private static string Page(string next, params string[] entries) =>
        $"<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>{(next.Length > 0 ? "true" : "false")}</IsTruncated>{next}"
        + string.Concat(entries.Select(entry => $"<Contents>{entry}<Size>1</Size></Contents>")) + "</ListBucketResult>";

    private async Task ShouldFailAsync(RawStore store, StoreError error, int objects, bool parts = true)
    {
        using var client = Client(store);
        var listing = new OssObjectStore(client);
        var listed = 0;
        var list = async () =>
        {
            await foreach (var _ in listing.ListAsync("a/", Deadline))
                listed++;
        };
        var listParts = async () => await listing.ListPartsAsync("a/", Deadline).ToListAsync(Deadline);

        (await list.Should().ThrowAsync<StoreException>()).Which.Error.Should().Be(error);
        listed.Should().Be(objects);
        if (parts)
            (await listParts.Should().ThrowAsync<StoreException>()).Which.Error.Should().Be(error);
    }

    private Task<IPartUpload> BeginAsync(string key) =>
        Store.Parts!.BeginAsync(ObjectKey.Parse(key), new ObjectContent { Body = Stream.Null, ContentType = "image/png" }, Deadline);

    private async Task<IReadOnlyList<ListedParts>> PartsAsync(string prefix) =>
        await Store.Listing!.ListPartsAsync(prefix, Deadline).ToListAsync(Deadline);
}
