using System.Runtime.CompilerServices;
using OssProxy.Core.Storage;
using OssProxy.Core.Streams;

namespace OssProxy.Core.Oss;

/// <summary>A bucket of OSS as a store of objects: the client with its failures told in the store's words. Keeps the duties of
/// <see cref="IObjectStore"/>, <see cref="IMultipartObjectStore"/> and <see cref="IListableObjectStore"/>; memory per body under way is one
/// 64 KiB buffer, per listing one page of 1000 entries.</summary>
public sealed class OssObjectStore(OssClient client) : IObjectStore, IMultipartObjectStore, IListableObjectStore
{
    public async Task<StoredObject> PutAsync(ObjectKey key, ObjectContent content, CancellationToken cancellationToken)
    {
        var stored = await TellAsync(client.Objects.PutAsync(key, content.Body, content.Length, Settings(content), cancellationToken));
        return new StoredObject(key, stored.Length, content.ContentType, stored.ETag, stored.Crc64, LastModified: null);
    }

    public async Task<StoredObject?> HeadAsync(ObjectKey key, CancellationToken cancellationToken) =>
        await TellAsync(client.Objects.HeadAsync(key, cancellationToken)) is { } found ? Describe(found) : null;

    public async Task<ObjectReading?> OpenAsync(ObjectKey key, ByteRange? range, CancellationToken cancellationToken) =>
        await TellAsync(client.Objects.GetAsync(key, range, cancellationToken)) is { } download
            ? new ObjectReading(Describe(download.Source), new Telling(download.Body), download.Range)
            : null;

    public Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken) =>
        TellAsync(DeletedAsync(key, cancellationToken));

    public async Task<IPartUpload> BeginAsync(ObjectKey key, ObjectContent content, CancellationToken cancellationToken) =>
        new OssParts(client.Multipart, await TellAsync(client.Multipart.InitiateAsync(key, Settings(content), cancellationToken)), content);

    public Task AbandonAsync(ObjectKey key, CancellationToken cancellationToken) =>
        TellAsync(AbandonedAsync(key, cancellationToken));

    public IAsyncEnumerable<ListedObject> ListAsync(string prefix, CancellationToken cancellationToken) => ListedAsync(
        prefix,
        client.Bucket.ListAsync(prefix, cancellationToken),
        static entry => new ListedObject(entry.Key, entry.Length, Told(entry.LastModified)),
        static entry => entry.Key,
        inOrder: true,
        cancellationToken);

    public IAsyncEnumerable<ListedParts> ListPartsAsync(string prefix, CancellationToken cancellationToken) => ListedAsync(
        prefix,
        client.Multipart.ListUploadsAsync(prefix, cancellationToken),
        static entry => new ListedParts(entry.Key, entry.UploadId, Told(entry.Initiated)),
        static entry => entry.Key,
        inOrder: false,
        cancellationToken);

    public Task AbortPartsAsync(ListedParts parts, CancellationToken cancellationToken) =>
        TellAsync(AbortedAsync(parts, cancellationToken));

    /// <summary>Gives what the client throws the store's words.</summary>
    internal static async Task<T> TellAsync<T>(Task<T> work)
    {
        try
        {
            return await work;
        }
        catch (OssException failure)
        {
            throw OssFaults.Of(failure);
        }
        catch (OssTransportException failure)
        {
            throw OssFaults.Of(failure);
        }
    }

    /// <summary>Likewise.</summary>
    internal static async Task TellAsync(Task work) => await TellAsync(DoneAsync(work));

    private static async Task<bool> DoneAsync(Task work)
    {
        await work;
        return true;
    }

    private static OssObjectSettings Settings(ObjectContent content) => new()
    {
        ContentType = content.ContentType,
        ContentDisposition = content.ContentDisposition,
        CacheControl = content.CacheControl,
        ContentMd5 = content.ContentMd5,
        ForbidOverwrite = content.ForbidOverwrite,
    };

    private static StoredObject Describe(OssObject found) =>
        new(found.Key, found.Length, found.ContentType, found.ETag, found.Crc64, found.LastModified)
        {
            ContentDisposition = found.ContentDisposition,
            CacheControl = found.CacheControl,
        };

    // Prefix and order are duties towards whoever compares the listing with another: where the store breaks them, what is there would look
    // lost, and what is somebody else's would look like ours. (docs/oss-assumptions.md A13)
    private static async IAsyncEnumerable<TListed> ListedAsync<TEntry, TListed>(
        string prefix,
        IAsyncEnumerable<TEntry> entries,
        Func<TEntry, TListed> describe,
        Func<TListed, string> keyOf,
        bool inOrder,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? before = null;
        await using var listing = entries.GetAsyncEnumerator(cancellationToken);
        while (await TellAsync(MovedAsync(listing)))
        {
            var next = describe(listing.Current);
            var key = keyOf(next);
            if (!key.StartsWith(prefix, StringComparison.Ordinal) || (inOrder && KeyOrder.Instance.Compare(before, key) >= 0))
                throw new StoreException(StoreError.StoreFailed, "The store lists keys out of their order, or others than were asked for.");

            before = key;
            yield return next;
        }
    }

    private static async Task<bool> MovedAsync<T>(IAsyncEnumerator<T> listing)
    {
        try
        {
            return await listing.MoveNextAsync();
        }
        catch (OssException failure)
        {
            throw OssFaults.OfListing(failure);
        }
    }

    private static DateTimeOffset Told(DateTimeOffset? time) =>
        time ?? throw new StoreException(StoreError.StoreFailed, "The store lists an entry without its time.");

    private async Task<bool> AbortedAsync(ListedParts parts, CancellationToken cancellationToken)
    {
        await client.Multipart.AbortAsync(parts.Key, parts.UploadId, cancellationToken);
        return true;
    }

    private async Task<bool> AbandonedAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        try
        {
            await client.Multipart.AbortAllAsync(key, cancellationToken);
            return true;
        }
        catch (OssException failure)
        {
            throw OssFaults.OfListing(failure);
        }
    }

    private async Task<bool> DeletedAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        await client.Objects.DeleteAsync(key, cancellationToken);
        return true;
    }

    /// <summary>The body of an object, with the store's failures told as such.</summary>
    private sealed class Telling(Stream inner) : ReadOnlyStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                return await inner.ReadAsync(buffer, cancellationToken);
            }
            catch (OssTransportException failure)
            {
                throw OssFaults.Of(failure);
            }
        }

        public override async ValueTask DisposeAsync()
        {
            await inner.DisposeAsync();
            await base.DisposeAsync();
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();

            base.Dispose(disposing);
        }
    }
}
