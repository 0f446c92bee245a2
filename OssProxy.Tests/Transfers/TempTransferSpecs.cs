using OssProxy.Core.Storage;
using OssProxy.Core.Streams;
using OssProxy.Core.Transfers;
using OssProxy.Tests.Storage;

namespace OssProxy.Tests.Transfers;

public sealed class TempTransferSpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ossproxy-spool-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_store_that_tries_again_gets_the_same_bytes_from_the_beginning()
    {
        var store = new TwiceReadingStore();
        var content = new ObjectContent { Body = new MemoryStream([1, 2, 3]), ContentType = "text/plain" };

        await Transfer(() => 1_000_000).SendAsync(ShipmentOf(store, content), CancellationToken.None);

        store.Length.Should().Be(3);
        store.Md5.Should().Be("Uonfc331cyb83SJZevsfrA==");
        store.Read.Should().AllBeEquivalentTo(new byte[] { 1, 2, 3 });
        Directory.GetFiles(_folder).Should().BeEmpty();
    }

    [Theory]
    [InlineData(1_000_000L, 900_001L, 0, "more was announced than the disk has beside its reserve")]
    [InlineData(99_999L, null, 0, "the reserve is touched already")]
    public async Task A_file_that_would_take_the_disks_reserve_is_refused_before_its_first_byte(long free, long? announced, long expected, string because)
    {
        var failure = await RefusedAsync(() => free, announced, length: 20_000_000);

        failure.Read.Should().Be(expected, because);
    }

    [Fact]
    public async Task A_file_that_turns_out_to_take_the_disks_reserve_is_refused_on_the_way()
    {
        var looks = 0;
        var failure = await RefusedAsync(() => ++looks == 1 ? 1_000_000 : 90_000, announced: null, length: 40_000_000);

        looks.Should().Be(2);
        failure.Read.Should().BeInRange(TempTransfer.BytesBetweenLooks, TempTransfer.BytesBetweenLooks + 200_000);
    }

    [Fact]
    public async Task A_file_that_leaves_exactly_the_reserve_is_taken()
    {
        var store = new TwiceReadingStore();
        var content = new ObjectContent { Body = new MemoryStream([1, 2, 3]), ContentType = "text/plain", LengthLimit = 900_000 };

        await Transfer(() => 1_000_000).SendAsync(ShipmentOf(store, content), CancellationToken.None);

        store.Read.Should().HaveCount(2);
    }

    [Fact]
    public void The_disk_itself_is_asked_when_nobody_else_is()
    {
        using (var folder = new SpoolFolder(_folder, "node").Create())
            new SpoolFolder(_folder, "node", reserveBytes: 1).KeepReserve(1);

        var impossible = () => new SpoolFolder(_folder, "node", reserveBytes: 1).KeepReserve(long.MaxValue);
        impossible.Should().Throw<TransferException>().Which.Error.Should().Be(TransferError.SpoolFull);
    }

    [Fact]
    public async Task A_spool_file_that_cannot_be_read_back_is_our_failure_and_what_the_store_has_of_it_is_unknown()
    {
        await using var body = new SpooledBody(new BrokenDisk());

        var read = () => body.ReadAsync(new byte[1], CancellationToken.None).AsTask();

        var failure = (await read.Should().ThrowAsync<TransferException>()).Which;
        failure.Error.Should().Be(TransferError.SpoolFailed);
        failure.NeverSent.Should().BeFalse();
    }

    private static Shipment ShipmentOf(IObjectStore store, ObjectContent content) =>
        new(new NamedStore("oss", store, new ObjectLinks("/")), ObjectKey.Parse("a"), content);

    private TempTransfer Transfer(Func<long> freeBytes) =>
        new(new SpoolFolder(_folder, "node", reserveBytes: 100_000, freeBytes), new BufferBudget(BufferBudget.MinBytes));

    private async Task<(TransferException Failure, long Read)> RefusedAsync(Func<long> freeBytes, long? announced, long length)
    {
        var store = new TwiceReadingStore();
        await using var body = new MeasuredStream(new ScriptedBody(length, piece: 65_536), long.MaxValue, () => new IOException());
        var content = new ObjectContent { Body = body, ContentType = "text/plain", LengthLimit = announced };

        var send = () => Transfer(freeBytes).SendAsync(ShipmentOf(store, content), CancellationToken.None);

        var failure = (await send.Should().ThrowAsync<TransferException>()).Which;
        failure.Error.Should().Be(TransferError.SpoolFull);
        failure.NeverSent.Should().BeTrue();
        store.Read.Should().BeEmpty();
        Directory.GetFiles(_folder).Should().BeEmpty();
        return (failure, body.Count);
    }

    private sealed class BrokenDisk : ReadOnlyStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new IOException("Input/output error");
    }

    private sealed class TwiceReadingStore : IObjectStore
    {
        public List<byte[]> Read { get; } = [];

        public long? Length { get; private set; }

        public string? Md5 { get; private set; }

        public async Task<StoredObject> PutAsync(ObjectKey key, ObjectContent content, CancellationToken cancellationToken)
        {
            Length = content.Length;
            Md5 = content.ContentMd5;
            for (var attempt = 0; attempt < 2; attempt++)
            {
                content.Body.Position = 0;
                var all = new MemoryStream();
                await content.Body.CopyToAsync(all, cancellationToken);
                Read.Add(all.ToArray());
            }

            return new StoredObject(key, content.Body.Length, content.ContentType, null, null, null);
        }

        public Task<StoredObject?> HeadAsync(ObjectKey key, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<ObjectReading?> OpenAsync(ObjectKey key, ByteRange? range, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
