using System.Runtime.CompilerServices;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Reconciliation;

/// <summary>What is compared, and what is too young to be.</summary>
/// <param name="Prefix">Keys that begin with exactly this text.</param>
/// <param name="Before">Objects, rows and parts from this moment or later are left alone.</param>
/// <param name="Node">Whose rows have to have their objects in this store; null for everybody's.</param>
public sealed record ComparisonScope(string Prefix, DateTimeOffset Before, string? Node)
{
    /// <summary>When the records began: an object from before then never had a row, and nobody misses one. Those of an earlier system lie under
    /// the same prefix.</summary>
    public DateTimeOffset Since { get; init; } = DateTimeOffset.MinValue;
}

/// <summary>
/// Walks through a store's listing and the rows side by side, both as streams in the order of the keys' bytes, and tells where they differ.
/// Holds a page of each: the memory is the same for any number of objects. What it says was so when it passed; before anything is done
/// about it, it has to be looked at again.
/// </summary>
public sealed class Comparison(NamedStore store, ImageRows rows, DeletionQueue deletions, ComparisonScope scope)
{
    private const int Page = 100;
    private const int Steps = 2000;

    private readonly IListableObjectStore _listing = store.Listing
        ?? throw new ArgumentException($"The store '{store.Name}' cannot tell what it holds.", nameof(store));

    /// <summary>Is called after every two thousand objects and rows; null for nothing.</summary>
    public Action? AfterPage { get; init; }

    /// <summary>Objects seen so far.</summary>
    public long Objects { get; private set; }

    /// <summary>Rows seen so far.</summary>
    public long Rows { get; private set; }

    /// <summary>Objects without a row from before the records began; they are no difference.</summary>
    public long Elder { get; private set; }

    /// <summary>Every difference of objects and rows, in the order of the keys.</summary>
    /// <exception cref="StoreException">The store cannot be listed.</exception>
    /// <exception cref="RecordsException">The database cannot be reached.</exception>
    public async IAsyncEnumerable<Difference> ObjectsAndRowsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var objects = _listing.ListAsync(scope.Prefix, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using var known = rows.StreamAsync(scope.Prefix, cancellationToken).GetAsyncEnumerator(cancellationToken);
        var there = await NextAsync(objects);
        var row = await NextAsync(known);
        while (there is not null || row is not null)
        {
            var order = there is null ? 1 : row is null ? -1 : KeyOrder.Instance.Compare(there.Key, row.Path);
            if (order < 0)
            {
                if (there!.LastModified < scope.Since)
                    Elder++;
                else if (there.LastModified < scope.Before && !await rows.IsGrantedAsync(there.Key, cancellationToken))
                    yield return new Difference(DifferenceKind.ObjectWithoutRow, there.Key) { Object = there };
                there = await NextAsync(objects);
                continue;
            }

            // Several rows may have one key.
            var key = row!.Path;
            for (; row is not null && row.Path == key; row = await NextAsync(known))
            {
                if (Judge(row, order == 0 ? there : null) is { } difference)
                    yield return difference;
            }

            if (order == 0)
                there = await NextAsync(objects);
        }
    }

    /// <summary>Every upload in parts that no claim remembers; the parts of uploads under way are remembered however long they take.</summary>
    /// <exception cref="StoreException">The store does not let us look.</exception>
    public async IAsyncEnumerable<Difference> PartsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var parts in _listing.ListPartsAsync(scope.Prefix, cancellationToken))
        {
            if (parts.BegunAt < scope.Before && !await rows.AnyPendingAsync(parts.Key, cancellationToken))
                yield return new Difference(DifferenceKind.PartsLeft, parts.Key) { Parts = parts };
        }
    }

    /// <summary>Every deletion of this store that was given up.</summary>
    public async IAsyncEnumerable<Difference> GivenUpAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long after = 0;
        IReadOnlyList<FailedDeletion> page;
        while ((page = await deletions.FailedAsync(after, Page, cancellationToken)).Count > 0)
        {
            foreach (var one in page)
            {
                if (one.Store == store.Name && one.Path.StartsWith(scope.Prefix, StringComparison.Ordinal))
                    yield return new Difference(DifferenceKind.DeletionGivenUp, one.Path) { Deletion = one };
            }

            after = page[^1].ImageId;
        }
    }

    // A pending row is an upload under way or left behind, a deleted one is in the queue: both have others who see to them.
    private Difference? Judge(ComparedRow row, ListedObject? there)
    {
        if (!row.IsStored || row.Updated >= scope.Before)
            return null;
        if (there is null)
        {
            return scope.Node is null || row.Node == scope.Node
                ? new Difference(DifferenceKind.RowWithoutObject, row.Path) { Row = row }
                : null;
        }

        return row.Size is { } size && size != there.Length
            ? new Difference(DifferenceKind.SizeDiffers, row.Path) { Row = row, Object = there }
            : null;
    }

    private async Task<ListedObject?> NextAsync(IAsyncEnumerator<ListedObject> objects)
    {
        if (!await objects.MoveNextAsync())
            return null;
        Objects++;
        Step();
        return objects.Current;
    }

    private async Task<ComparedRow?> NextAsync(IAsyncEnumerator<ComparedRow> known)
    {
        if (!await known.MoveNextAsync())
            return null;
        Rows++;
        Step();
        return known.Current;
    }

    private void Step()
    {
        if ((Objects + Rows) % Steps == 0)
            AfterPage?.Invoke();
    }
}
