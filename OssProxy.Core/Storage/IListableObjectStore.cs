namespace OssProxy.Core.Storage;

/// <summary>
/// What some stores can do besides <see cref="IObjectStore"/>: tell what they hold. Every implementation keeps these duties, and
/// <c>ListableObjectStoreSpecs</c> proves them:
/// <list type="bullet">
/// <item>A listing is a stream: it holds a page of the store, or the names of the folders on its way, never the whole.</item>
/// <item>What is there from its beginning to its end is listed once. What comes or goes meanwhile may be listed or not.</item>
/// <item>A listing that ends has told everything. One that cannot throws a <see cref="StoreException"/>, also after objects of it have been
/// delivered; cancellation by the caller's token is an <see cref="OperationCanceledException"/>.</item>
/// </list>
/// </summary>
public interface IListableObjectStore
{
    /// <summary>Every object whose key begins with exactly this text, case-sensitive, in the order of <see cref="KeyOrder"/> over the
    /// whole.</summary>
    /// <param name="prefix">Empty for all. <c>images/</c> has nothing of <c>images2/</c>.</param>
    /// <exception cref="StoreException"><see cref="StoreError.StoreAccessDenied"/> or <see cref="StoreError.StoreMisconfigured"/> when the store
    /// does not let us look, now or later.</exception>
    IAsyncEnumerable<ListedObject> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Every upload in parts that has begun under such a key and was neither completed nor aborted, by whomever; nothing when
    /// the store takes no parts.</summary>
    /// <param name="prefix">As in <see cref="ListAsync"/>.</param>
    /// <exception cref="StoreException">As there.</exception>
    IAsyncEnumerable<ListedParts> ListPartsAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Aborts this one upload and no other under its key. Succeeds when it is gone. Of one that is still being sent, parts under
    /// way may survive: list again.</summary>
    Task AbortPartsAsync(ListedParts parts, CancellationToken cancellationToken);
}

/// <summary>An object of a listing.</summary>
/// <param name="Key">Its name; others write into buckets too, so it may be one that <see cref="ObjectKey"/> refuses.</param>
/// <param name="Length">Its size in bytes.</param>
/// <param name="LastModified">When it was written, by the store's clock.</param>
public sealed record ListedObject(string Key, long Length, DateTimeOffset LastModified);

/// <summary>An unfinished upload of a listing.</summary>
/// <param name="Key">As in <see cref="ListedObject"/>.</param>
/// <param name="UploadId">The store's name for it.</param>
/// <param name="BegunAt">By the store's clock.</param>
public sealed record ListedParts(string Key, string UploadId, DateTimeOffset BegunAt);
