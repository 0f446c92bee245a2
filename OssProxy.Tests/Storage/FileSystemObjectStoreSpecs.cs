using OssProxy.Core.Storage;
using OssProxy.Core.Streams;

namespace OssProxy.Tests.Storage;

public sealed class FileSystemObjectStoreSpecs : ObjectStoreSpecs
{
    private const string Node = "00112233445566778899aabbccddeeff";

    private static readonly BufferBudget Budget = new(BufferBudget.MinBytes);

    private readonly string _folder = Directory.CreateTempSubdirectory("ossproxy-store-").FullName;

    private string Root => Path.Combine(_folder, "root");

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task An_object_is_a_plain_file_under_its_key_that_cannot_be_executed()
    {
        var key = ObjectKey.Parse("images/20260105/photo.png");
        await PutText(key, "pixels");

        var path = Path.Combine(Root, "images", "20260105", "photo.png");
        (await File.ReadAllTextAsync(path)).Should().Be("pixels");
        if (!OperatingSystem.IsWindows())
        {
            (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute
                | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)).Should().Be(UnixFileMode.None);
        }
    }

    [Fact]
    public async Task The_disposition_and_the_cache_rule_come_back()
    {
        var key = NewKey();
        using var body = new MemoryStream([1, 2, 3]);
        await Store.PutAsync(
            key, Content(body, 3) with { ContentDisposition = "attachment; filename=\"x\"", CacheControl = "max-age=60" }, Deadline);

        var head = await new FileSystemObjectStore(Root, Node, Budget).HeadAsync(key, Deadline);

        head!.ContentDisposition.Should().Be("attachment; filename=\"x\"");
        head.CacheControl.Should().Be("max-age=60");
        head.ETag.Should().NotBeNullOrEmpty();
    }

    [Fact]
    public async Task A_file_placed_by_hand_is_bytes_of_unknown_type()
    {
        Directory.CreateDirectory(Path.Combine(Root, "old"));
        await File.WriteAllTextAsync(Path.Combine(Root, "old", "page.html"), "<script>");

        var head = await Store.HeadAsync(ObjectKey.Parse("old/page.html"), Deadline);

        head!.ContentType.Should().Be("application/octet-stream");
    }

    [Theory]
    [InlineData("..\\..\\outside.txt")]
    [InlineData("a\\..\\..\\outside.txt")]
    [InlineData("C:/outside.txt")]
    [InlineData("a/file.txt:stream")]
    [InlineData("a//b.txt")]
    [InlineData("a/")]
    [InlineData("a./b.txt")]
    [InlineData("a/b.txt.")]
    [InlineData("a/b.txt ")]
    [InlineData(".../b.txt")]
    [InlineData("nul")]
    [InlineData("a/CON.txt")]
    [InlineData("com1/x.txt")]
    [InlineData("a/b?.txt")]
    [InlineData(".ossproxy/notes/x")]
    [InlineData(".OssProxy/tmp/x")]
    public async Task A_key_that_no_file_can_have_is_refused_and_is_no_object(string text)
    {
        var key = ObjectKey.Parse(text);

        var put = () => PutText(key, "x");

        (await put.Should().ThrowAsync<StoreException>()).Which.Error.Should().Be(StoreError.StoreMisconfigured);
        (await Store.HeadAsync(key, Deadline)).Should().BeNull();
        (await Store.OpenAsync(key, null, Deadline)).Should().BeNull();
        await Store.DeleteAsync(key, Deadline);
        FilesOutside().Should().BeEmpty();
    }

    [Fact]
    public async Task A_segment_too_long_for_a_disk_is_refused()
    {
        var put = () => PutText(ObjectKey.Parse(new string('x', 300)), "x");

        (await put.Should().ThrowAsync<StoreException>()).Which.Error.Should().Be(StoreError.StoreMisconfigured);
        Leftovers().Should().BeEmpty();
    }

    [Fact]
    public async Task A_key_below_another_objects_key_is_refused_and_so_is_one_above()
    {
        await PutText(ObjectKey.Parse("a/b"), "x");

        foreach (var text in new[] { "a/b/c", "a/b/c/d", "a" })
        {
            var put = () => PutText(ObjectKey.Parse(text), "y");
            (await put.Should().ThrowAsync<StoreException>()).Which.Error.Should().Be(StoreError.StoreMisconfigured);
            (await Store.HeadAsync(ObjectKey.Parse(text), Deadline)).Should().BeNull();
            await Store.DeleteAsync(ObjectKey.Parse(text), Deadline);
        }

        Leftovers().Should().BeEmpty();
    }

    [Fact]
    public async Task A_link_below_the_root_is_not_followed()
    {
        var outside = Directory.CreateDirectory(Path.Combine(_folder, "outside")).FullName;
        var canary = Path.Combine(outside, "canary.txt");
        await File.WriteAllTextAsync(canary, "untouched");
        Directory.CreateSymbolicLink(Path.Combine(Root, "folder"), outside);
        File.CreateSymbolicLink(Path.Combine(Root, "file.txt"), canary);

        foreach (var key in new[] { "folder/canary.txt", "folder/new/x.txt", "file.txt" }.Select(ObjectKey.Parse))
        {
            using var body = new MemoryStream([1]);
            var put = () => Store.PutAsync(key, Content(body, 1) with { ForbidOverwrite = false }, Deadline);
            (await put.Should().ThrowAsync<StoreException>()).Which.Error.Should().Be(StoreError.StoreMisconfigured);
            (await Store.OpenAsync(key, null, Deadline)).Should().BeNull();
            await Store.DeleteAsync(key, Deadline);
        }

        (await File.ReadAllTextAsync(canary)).Should().Be("untouched");
        Directory.GetFileSystemEntries(outside).Should().ContainSingle();
    }

    [Fact]
    public async Task A_root_that_is_itself_a_link_is_a_root()
    {
        var link = Path.Combine(_folder, "link");
        Directory.CreateSymbolicLink(link, Root);
        var key = NewKey();
        await PutText(key, "through");

        (await new FileSystemObjectStore(link, Node, Budget).HeadAsync(key, Deadline))!.Length.Should().Be(7);
    }

    [Fact]
    public async Task A_failed_put_leaves_no_temporary_file()
    {
        using var body = new ScriptedBody(200_000, _ => Task.FromException(new InvalidOperationException()));
        var put = () => Store.PutAsync(NewKey(), Content(body, null), Deadline);
        await put.Should().ThrowAsync<InvalidOperationException>();
        var key = NewKey();
        await PutText(key, "x");
        var again = () => PutText(key, "x");
        await again.Should().ThrowAsync<StoreException>();

        Leftovers().Should().BeEmpty();
    }

    [Fact]
    public async Task A_sweep_removes_what_a_dead_process_left_and_nothing_that_is_being_written()
    {
        var temporary = Path.Combine(Root, ".ossproxy", "tmp");
        await File.WriteAllTextAsync(Path.Combine(temporary, $"{Node}-0123456789ab-1"), "half");
        var key = NewKey();
        using var body = new ScriptedBody(100_000, _ =>
        {
            ((FileSystemObjectStore)Store).Sweep().Should().Be(1);
            return Task.CompletedTask;
        });

        await Store.PutAsync(key, Content(body, null), Deadline);

        (await BytesOf(key)).Should().HaveCount(100_000);
        Leftovers().Should().BeEmpty();
    }

    [Fact]
    public async Task A_node_that_starts_leaves_alone_what_another_node_is_writing_into_the_same_root()
    {
        var other = new FileSystemObjectStore(Root, "ffeeddccbbaa99887766554433221100", Budget);
        var key = NewKey();
        using var body = new ScriptedBody(100_000, _ =>
        {
            other.Sweep().Should().Be(0);
            return Task.CompletedTask;
        });

        await Store.PutAsync(key, Content(body, null), Deadline);

        (await BytesOf(key)).Should().HaveCount(100_000);
    }

    [Fact]
    public async Task A_deleted_object_takes_its_note_along()
    {
        var key = NewKey();
        await PutText(key, "x");
        await Store.DeleteAsync(key, Deadline);

        Directory.GetFiles(Root, "*", SearchOption.AllDirectories).Should().BeEmpty();
    }

    [Fact]
    public async Task A_folder_that_somebody_removes_while_the_server_runs_is_made_again()
    {
        var key = NewKey();
        Directory.Delete(Root, recursive: true);

        await PutText(key, "x");

        (await BytesOf(key)).Should().HaveCount(1);
    }

    [Fact]
    public async Task A_folder_that_is_removed_under_a_put_is_a_failure_of_the_store()
    {
        using var body = new ScriptedBody(100_000, _ =>
        {
            Directory.Delete(Root, recursive: true);
            return Task.CompletedTask;
        });
        var put = () => Store.PutAsync(NewKey(), Content(body, null), Deadline);

        (await put.Should().ThrowAsync<StoreException>()).Which.Error.Should().Be(StoreError.StoreFailed);
    }

    [Theory]
    [InlineData(28, StoreError.StoreFull)]
    [InlineData(30, StoreError.StoreFull)]
    [InlineData(122, StoreError.StoreFull)]
    [InlineData(5, StoreError.StoreFailed)]
    public void A_failing_disk_is_told_apart_from_a_full_one(int errno, StoreError error) =>
        FileFailure.Of(new IOException("disk", errno), ObjectKey.Parse("a")).Error.Should().Be(error);

    protected override Task<IObjectStore> CreateStoreAsync() => Task.FromResult<IObjectStore>(new FileSystemObjectStore(Root, Node, Budget));

    private string[] Leftovers() => Directory.GetFiles(Path.Combine(Root, ".ossproxy", "tmp"));

    private IEnumerable<string> FilesOutside() => Directory.EnumerateFileSystemEntries(_folder).Where(path => path != Root);
}
