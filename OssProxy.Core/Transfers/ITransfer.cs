using OssProxy.Core.Storage;

namespace OssProxy.Core.Transfers;

/// <summary>
/// A way for bytes to get from here to a store. Every transfer passes an exception of the body on unchanged, leaves no object behind when
/// the body fails, and leaves nothing of its own behind however it ends.
/// </summary>
public interface ITransfer
{
    /// <summary>The name by which configuration and <c>?mode=</c> ask for it.</summary>
    string Name { get; }

    /// <summary>Sends the content and returns once the store has acknowledged it.</summary>
    /// <exception cref="StoreException">The store failed.</exception>
    /// <exception cref="TransferException">We failed.</exception>
    Task<StoredObject> SendAsync(IObjectStore store, ObjectKey key, ObjectContent content, CancellationToken cancellationToken);
}

/// <summary>The body goes into the store's PUT as it arrives. One small buffer, no disk; cannot be repeated.</summary>
public sealed class StreamTransfer : ITransfer
{
    public string Name => "stream";

    public Task<StoredObject> SendAsync(
        IObjectStore store, ObjectKey key, ObjectContent content, CancellationToken cancellationToken) =>
        store.PutAsync(key, content, cancellationToken);
}
