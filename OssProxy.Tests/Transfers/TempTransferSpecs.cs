using OssProxy.Core.Storage;
using OssProxy.Core.Streams;
using OssProxy.Core.Transfers;

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

        await new TempTransfer(new SpoolFolder(_folder, "node"), new BufferBudget(BufferBudget.MinBytes)).SendAsync(
            new Shipment(new NamedStore("oss", store, new ObjectLinks("/")), ObjectKey.Parse("a"), content), CancellationToken.None);

        store.Length.Should().Be(3);
        store.Read.Should().AllBeEquivalentTo(new byte[] { 1, 2, 3 });
        Directory.GetFiles(_folder).Should().BeEmpty();
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

    private sealed class BrokenDisk : ReadOnlyStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new IOException("Input/output error");
    }

    private sealed class TwiceReadingStore : IObjectStore
    {
        public List<byte[]> Read { get; } = [];

        public long? Length { get; private set; }

        public async Task<StoredObject> PutAsync(ObjectKey key, ObjectContent content, CancellationToken cancellationToken)
        {
            Length = content.Length;
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
