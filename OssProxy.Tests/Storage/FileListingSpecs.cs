using OssProxy.Core.Storage;
using OssProxy.Core.Streams;

namespace OssProxy.Tests.Storage;

/// <summary>The duties of a listing, kept by the local disk; and what there is no object of ours.</summary>
public sealed class FileListingSpecs : ListableObjectStoreSpecs, IDisposable
{
    private static readonly BufferBudget Budget = new(BufferBudget.MinBytes);

    private readonly string _folder = Directory.CreateTempSubdirectory("ossproxy-listing-").FullName;

    public FileListingSpecs() => Store = new NamedStore(
        "local", new FileSystemObjectStore(Root, "00112233445566778899aabbccddeeff", Budget), new ObjectLinks("http://localhost"));

    protected override NamedStore Store { get; }

    private string Root => Path.Combine(_folder, "root");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_is_ours_or_no_object_of_ours_is_not_listed()
    {
        await Store.Store.PutAsync(
            ObjectKey.Parse("a/.ossproxy/kept"), new ObjectContent { Body = new MemoryStream([1]), ContentType = "image/png" }, Deadline);
        await FillAsync([".ossproxy/tmp/half", "a./b", "a/c.", "a/nul.txt", "a/d:e", "ok"]);
        Directory.CreateDirectory(Path.Combine(Root, "empty", "folder"));

        var listed = await KeysAsync("");

        listed.Should().Equal("a/.ossproxy/kept", "ok");
        (await KeysAsync(".ossproxy/")).Should().BeEmpty();
        foreach (var path in Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories))
        {
            var key = ObjectKey.Parse(Path.GetRelativePath(Root, path));
            (await Store.Store.HeadAsync(key, Deadline) is not null).Should().Be(listed.Contains(key.Value), "of {0}", key);
        }
    }

    [Fact]
    public async Task A_link_is_not_followed()
    {
        var outside = Directory.CreateDirectory(Path.Combine(_folder, "outside")).FullName;
        await File.WriteAllTextAsync(Path.Combine(outside, "canary.txt"), "x");
        await FillAsync(["a/b"]);
        Directory.CreateSymbolicLink(Path.Combine(Root, "folder"), outside);
        Directory.CreateSymbolicLink(Path.Combine(Root, "a", "circle"), Root);
        File.CreateSymbolicLink(Path.Combine(Root, "file.txt"), Path.Combine(outside, "canary.txt"));
        File.CreateSymbolicLink(Path.Combine(Root, "dangling"), Path.Combine(outside, "never"));

        (await KeysAsync("")).Should().Equal("a/b");
        (await KeysAsync("folder/")).Should().BeEmpty();
        (await KeysAsync("a/circle/")).Should().BeEmpty();
    }

    [Fact]
    public async Task A_link_that_takes_the_place_of_a_folder_meanwhile_is_not_followed()
    {
        var outside = Directory.CreateDirectory(Path.Combine(_folder, "outside", "deep")).Parent!.FullName;
        await File.WriteAllTextAsync(Path.Combine(outside, "canary.txt"), "x");
        await File.WriteAllTextAsync(Path.Combine(outside, "deep", "canary.txt"), "x");
        await FillAsync(["a/1", "b/1", "c"]);
        var listed = new List<string>();

        await foreach (var entry in Store.Listing!.ListAsync("", Deadline))
        {
            listed.Add(entry.Key);
            if (entry.Key != "a/1")
                continue;

            Directory.Delete(Path.Combine(Root, "b"), recursive: true);
            Directory.CreateSymbolicLink(Path.Combine(Root, "b"), outside);
            File.Delete(Path.Combine(Root, "c"));
            File.CreateSymbolicLink(Path.Combine(Root, "c"), Path.Combine(outside, "canary.txt"));
        }

        listed.Should().Equal("a/1");
    }

    [Fact]
    public async Task Folders_and_files_that_change_places_meanwhile_are_no_failure()
    {
        await FillAsync(["a", "b/1", "c/1", "d", "e"]);
        var listed = new List<string>();

        await foreach (var entry in Store.Listing!.ListAsync("", Deadline))
        {
            listed.Add(entry.Key);
            if (entry.Key != "a")
                continue;

            Directory.Delete(Path.Combine(Root, "b"), recursive: true);
            await File.WriteAllTextAsync(Path.Combine(Root, "b"), "x");
            Directory.Delete(Path.Combine(Root, "c"), recursive: true);
            File.Delete(Path.Combine(Root, "d"));
            Directory.CreateDirectory(Path.Combine(Root, "d"));
        }

        listed.Should().Equal("a", "e");
    }

    [Fact]
    public async Task A_store_whose_folder_is_gone_is_a_failure_and_not_an_empty_store()
    {
        await FillAsync(["a/1", "b/1"]);
        var during = async () =>
        {
            await foreach (var _ in Store.Listing!.ListAsync("", Deadline))
                Directory.Delete(Root, recursive: true);
        };
        var before = () => KeysAsync("");

        (await during.Should().ThrowAsync<StoreException>()).Which.Error.Should().Be(StoreError.StoreFailed);
        (await before.Should().ThrowAsync<StoreException>()).Which.Error.Should().Be(StoreError.StoreFailed);
    }

    [Fact]
    public async Task A_folder_is_read_when_the_listing_comes_to_it_and_not_before()
    {
        await FillAsync(["a/1", "b/c/1", "d"]);
        var listed = new List<string>();

        await foreach (var entry in Store.Listing!.ListAsync("", Deadline))
        {
            listed.Add(entry.Key);
            if (entry.Key == "a/1")
                await FillAsync(["b/2", "b/c/0"]);
        }

        listed.Should().Equal("a/1", "b/2", "b/c/0", "b/c/1", "d");
    }

    protected override Task FillAsync(IReadOnlyList<string> keys)
    {
        foreach (var key in keys)
        {
            var path = Path.Combine(Root, key);
            if (Directory.Exists(path))
                continue;

            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, "x");
        }

        return Task.CompletedTask;
    }
}
