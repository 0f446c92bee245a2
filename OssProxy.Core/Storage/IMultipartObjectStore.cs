namespace OssProxy.Core.Storage;

/// <summary>
/// What some stores can do besides <see cref="IObjectStore"/>: take an object in parts, several at a time, each of them repeatable, and of
/// more bytes in all than one put takes. Every implementation keeps these duties, and <c>MultipartObjectStoreSpecs</c> proves them:
/// <list type="bullet">
/// <item>There is no object before the completion, and then the whole one; without a completion nothing remains, parts included.</item>
/// <item>Exceptions are those of <see cref="IObjectStore"/>: what a part's body throws comes out unchanged, a failure of the store is a
/// <see cref="StoreException"/>.</item>
/// </list>
/// </summary>
public interface IMultipartObjectStore
{
    /// <summary>Begins an object that comes in parts. Of <paramref name="content"/> only what is kept beside the bytes counts; its body is not
    /// touched.</summary>
    /// <exception cref="StoreException">The store failed. Unless it refused, parts may have been begun all the same.</exception>
    Task<IPartUpload> BeginAsync(ObjectKey key, ObjectContent content, CancellationToken cancellationToken);

    /// <summary>Aborts everything that has been begun under exactly this key and not completed, by whomever: for the settlement of what a
    /// killed process left. An object under the key is not touched. Succeeds when there is nothing.</summary>
    /// <exception cref="StoreException"><see cref="StoreError.StoreAccessDenied"/> or <see cref="StoreError.StoreMisconfigured"/> when the store
    /// does not let us look, now or later.</exception>
    Task AbandonAsync(ObjectKey key, CancellationToken cancellationToken);
}

/// <summary>
/// An object on its way in parts. Disposing it before it has been completed aborts it, under a short deadline of its own and never with the
/// caller's token, once all parts under way have ended; it does not throw, <see cref="MayBeLeft"/> tells how it went.
/// </summary>
public interface IPartUpload : IAsyncDisposable
{
    /// <summary>Whether parts may remain in the store, because they could not be aborted. Valid after disposal.</summary>
    bool MayBeLeft { get; }

    /// <summary>Sends a part; several may be under way at a time. The same number again replaces the part.</summary>
    /// <param name="number">1 to 10,000; the order of the parts, without gaps.</param>
    /// <param name="body">Its bytes, from the present position to the end; sent again when it can be rewound. Not disposed.</param>
    /// <param name="length">Bytes in the body; null when unknown.</param>
    Task PutPartAsync(int number, Stream body, long? length, CancellationToken cancellationToken);

    /// <summary>Joins all parts that have been sent and returns once the store has acknowledged the object and its checksum agrees. None may
    /// be under way.</summary>
    /// <exception cref="StoreException">As for a put.</exception>
    Task<StoredObject> CompleteAsync(CancellationToken cancellationToken);
}
