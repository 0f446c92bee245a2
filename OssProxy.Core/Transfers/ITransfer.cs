using OssProxy.Core.Storage;

namespace OssProxy.Core.Transfers;

/// <summary>
/// A way for bytes to get from here to a store. Every transfer passes an exception of the body on unchanged, leaves no object behind when
/// the body fails, leaves nothing of its own behind however it ends, and holds bytes only in blocks of the one
/// <see cref="Streams.BufferBudget"/>, or on the disk.
/// </summary>
public interface ITransfer
{
    /// <summary>The name by which configuration and <c>?mode=</c> ask for it.</summary>
    string Name { get; }

    /// <summary>The largest object that it can bring to this store, in bytes.</summary>
    long MaxBytes(NamedStore store);

    /// <summary>Sends the content and returns once the store has acknowledged it.</summary>
    /// <exception cref="StoreException">The store failed.</exception>
    /// <exception cref="TransferException">We failed.</exception>
    Task<StoredObject> SendAsync(Shipment shipment, CancellationToken cancellationToken);
}

/// <summary>The body goes into the store's PUT as it arrives. One small buffer, no disk; cannot be repeated.</summary>
public sealed class StreamTransfer : ITransfer
{
    public string Name => "stream";

    public long MaxBytes(NamedStore store) => store.MaxObjectBytes;

    public Task<StoredObject> SendAsync(Shipment shipment, CancellationToken cancellationToken) =>
        shipment.Store.Store.PutAsync(shipment.Key, shipment.Content, cancellationToken);
}
