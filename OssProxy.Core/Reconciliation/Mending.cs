using OssProxy.Core.Records;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Reconciliation;

/// <summary>What became of a difference.</summary>
public enum Mended
{
    /// <summary>It is mended.</summary>
    Done,

    /// <summary>There was none any more when it was looked at again.</summary>
    NotThere,

    /// <summary>It is left to a person.</summary>
    Left,
}

/// <summary>
/// Mends differences one by one, each after a look at store and records as they are now: a listing may be minutes old, and an upload may have
/// ended meanwhile. An object goes only when no row in any state has its key, its URL is no registered image, and it is the one that was listed; a row only when it has not
/// changed and its object is not there.
/// </summary>
/// <param name="beforeRemoval">Is told a row with all its columns, as JSON, before it is removed.</param>
public sealed class Mending(NamedStore store, ImageRows rows, DeletionQueue deletions, Action<ComparedRow, string> beforeRemoval)
{
    /// <summary>Mends one difference.</summary>
    /// <exception cref="StoreException">The store failed.</exception>
    /// <exception cref="RecordsException">The database failed.</exception>
    public Task<Mended> MendAsync(Difference difference, CancellationToken cancellationToken) => difference switch
    {
        { Object: { } found, Row: null } => RemoveObjectAsync(found, cancellationToken),
        { Row: { } row, Object: null } => RemoveRowAsync(row, cancellationToken),
        { Parts: { } parts } => AbortAsync(parts, cancellationToken),
        { Deletion: { } deletion } => TryAgainAsync(deletion, cancellationToken),
        _ => Task.FromResult(Mended.Left),
    };

    private async Task<Mended> RemoveObjectAsync(ListedObject listed, CancellationToken cancellationToken)
    {
        // Others write into buckets too, and not every key of theirs is one that we can name.
        if (!ObjectKey.TryParse(listed.Key, out var key))
            return Mended.Left;
        if (await store.Store.HeadAsync(key, cancellationToken) is not { } found || IsAnother(found, listed)
            || await rows.AnyAsync(listed.Key, cancellationToken))
            return Mended.NotThere;
        if (await rows.AnyLinkAsync(store.Links.For(key), cancellationToken))
            return Mended.Left;
        await store.Store.DeleteAsync(key, cancellationToken);
        return Mended.Done;
    }

    private async Task<Mended> RemoveRowAsync(ComparedRow row, CancellationToken cancellationToken)
    {
        // A path that is no key is the path of no object.
        if (ObjectKey.TryParse(row.Path, out var key) && await store.Store.HeadAsync(key, cancellationToken) is not null)
            return Mended.NotThere;
        if (await rows.DescribeAsync(row, cancellationToken) is not { } description)
            return Mended.NotThere;
        beforeRemoval(row, description);
        return await rows.RemoveAsync(row, cancellationToken) ? Mended.Done : Mended.NotThere;
    }

    private async Task<Mended> AbortAsync(ListedParts parts, CancellationToken cancellationToken)
    {
        if (await rows.AnyPendingAsync(parts.Key, cancellationToken))
            return Mended.NotThere;
        await store.Listing!.AbortPartsAsync(parts, cancellationToken);
        return Mended.Done;
    }

    private async Task<Mended> TryAgainAsync(FailedDeletion deletion, CancellationToken cancellationToken) =>
        await deletions.TryAgainAsync(deletion.ImageId, cancellationToken) ? Mended.Done : Mended.NotThere;

    // Stores tell the time of a listing and of an object with different precision.
    private static bool IsAnother(StoredObject found, ListedObject listed) =>
        found.Length != listed.Length
        || (found.LastModified is { } modified && (modified - listed.LastModified).Duration() > TimeSpan.FromSeconds(2));
}
