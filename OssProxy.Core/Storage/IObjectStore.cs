namespace OssProxy.Core.Storage;

/// <summary>
/// A place where objects live. Every implementation keeps these duties, and <c>ObjectStoreSpecs</c> proves them for each:
/// <list type="bullet">
/// <item>An object appears whole or not at all: a body that throws or ends early leaves nothing, and readers of an overwritten key see the
/// old object or the new one.</item>
/// <item>A body is read forwards in small pieces and never held; it is not disposed.</item>
/// <item>An exception that the body throws comes out unchanged, so that a client's fault is never taken for the store's. Every failure of
/// the store itself is a <see cref="StoreException"/>; cancellation by the caller's token is an
/// <see cref="OperationCanceledException"/>.</item>
/// <item>Deleting what does not exist succeeds.</item>
/// </list>
/// </summary>
public interface IObjectStore
{
    /// <summary>Stores <paramref name="content"/> under <paramref name="key"/> and returns once the store has acknowledged it and the
    /// checksum agrees.</summary>
    /// <exception cref="StoreException">The store failed; with <see cref="StoreError.ObjectExists"/> when the content forbids
    /// overwriting and the key is taken.</exception>
    Task<StoredObject> PutAsync(ObjectKey key, ObjectContent content, CancellationToken cancellationToken);

    /// <summary>What the store knows of an object; null when there is none.</summary>
    Task<StoredObject?> HeadAsync(ObjectKey key, CancellationToken cancellationToken);

    /// <summary>Opens an object, or the part of it that <paramref name="range"/> names, for reading; null when there is none.</summary>
    Task<ObjectReading?> OpenAsync(ObjectKey key, ByteRange? range, CancellationToken cancellationToken);

    /// <summary>Removes an object. Succeeds when there is none.</summary>
    Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken);
}
