using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Derivatives;

/// <summary>
/// Removes what was made of originals that have gone: of one, right after it was deleted; of all, by a sweep for those that went another
/// way. Costs a listing of the original's folder, and one for each separator of styles where OSS itself keeps results by mirroring. What is
/// being made at that moment may be kept afterwards; the sweep finds it.
/// </summary>
public sealed partial class ResultRemoval
{
    private readonly NamedStore _originals;
    private readonly IObjectStore _results;
    private readonly ResultNaming _naming;
    private readonly Recipes _recipes;
    private readonly SourceHeads _heads;
    private readonly ImageStyles _styles;
    private readonly IReadOnlyList<string>? _mirrored;
    private readonly ILogger<ResultRemoval> _log;

    /// <param name="mirrored">What the keys of originals begin with whose results OSS itself may keep beside ours, by mirroring; null where
    /// it keeps none.</param>
    internal ResultRemoval(
        NamedStore originals,
        IObjectStore results,
        ResultNaming naming,
        Recipes recipes,
        SourceHeads heads,
        ImageStyles styles,
        IReadOnlyList<string>? mirrored,
        ILogger<ResultRemoval> log) =>
        (_originals, _results, _naming, _recipes, _heads, _styles, _mirrored, _log) =
        (originals, results, naming, recipes, heads, styles, mirrored, log);

    /// <summary>Originals of a sweep that are remembered at a time, some 40 bytes each; for more of them all is listed again.</summary>
    internal const int OriginalsAtOnce = 500_000;

    private int _isRefused;

    /// <summary>Removes everything that was made of an original. A store that does not let us look keeps it: that is no reason to keep the
    /// original.</summary>
    /// <exception cref="StoreException">The store failed; worth another try.</exception>
    public async Task RemoveAsync(NamedStore store, ObjectKey source, CancellationToken cancellationToken)
    {
        if (store.Name != _originals.Name || store.Bucket != _originals.Bucket || _results is not IListableObjectStore listing)
            return;
        _heads.Forget(source);
        try
        {
            await foreach (var found in listing.ListAsync(_naming.FolderOf(source.Value), cancellationToken))
                await DeleteAsync(found.Key, cancellationToken);
            if (_mirrored is not null)
                await RemoveMirroredAsync(listing, source.Value, cancellationToken);
        }
        catch (StoreException failure) when (failure.Error is StoreError.StoreAccessDenied or StoreError.StoreMisconfigured)
        {
            if (Interlocked.Exchange(ref _isRefused, 1) == 0)
                LogRefused(failure);
        }
    }

    /// <summary>Finds results whose original has gone, of those that are older than the limit. They are removed where that is
    /// wanted. Of what does not lie where results lie, only what can hardly be anything else counts as one: the name of an upload with that
    /// of a style that there is.</summary>
    /// <param name="olderThan">What is younger may belong to an original that came after the listing had begun.</param>
    /// <param name="onFound">Hears of each, before it is removed.</param>
    /// <returns>How many results were looked at.</returns>
    /// <exception cref="StoreException">The store failed, or does not let us look.</exception>
    /// <exception cref="RecordsException">The styles cannot be read.</exception>
    public async Task<long> SweepAsync(DateTimeOffset olderThan, bool removes, Action<ListedObject> onFound, CancellationToken cancellationToken)
    {
        if (_results is not IListableObjectStore listing || _originals.Listing is not { } sources)
            throw new StoreException(StoreError.StoreMisconfigured, "The store tells nobody what it holds.");

        var styles = _mirrored is null ? null
            : (await _styles.AllAsync(cancellationToken)).Select(style => style.Name.Value).ToHashSet(StringComparer.Ordinal);
        var (seen, behind, isWhole) = (0L, "", false);
        while (!isWhole)
        {
            var first = behind;
            isWhole = true;
            var missing = new HashSet<UInt128>();
            await foreach (var found in ResultsAsync(listing, styles, first, last: null, cancellationToken))
            {
                if (missing.Count >= OriginalsAtOnce)
                {
                    isWhole = false;
                    break;
                }

                missing.Add(found.Original);
                (seen, behind) = (seen + 1, found.Object.Key);
            }

            await foreach (var source in sources.ListAsync("", cancellationToken))
                missing.Remove(Number(_naming.HashOf(source.Key)));
            if (missing.Count == 0)
                continue;
            await foreach (var found in ResultsAsync(listing, styles, first, behind, cancellationToken))
            {
                if (!missing.Contains(found.Original) || found.Object.LastModified >= olderThan)
                    continue;
                onFound(found.Object);
                if (removes)
                    await DeleteAsync(found.Object.Key, cancellationToken);
            }
        }

        return seen;
    }

    // Results behind one key up to another, each with its original.
    private async IAsyncEnumerable<(ListedObject Object, UInt128 Original)> ResultsAsync(
        IListableObjectStore listing, HashSet<string>? styles, string first, string? last,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var found in listing.ListAsync(styles is null ? _naming.Root : "", cancellationToken))
        {
            if (first.Length > 0 && KeyOrder.Instance.Compare(found.Key, first) <= 0)
                continue;
            if (last is not null && KeyOrder.Instance.Compare(found.Key, last) > 0)
                yield break;
            if (OriginalOf(found.Key, styles) is { } original)
                yield return (found, Number(original));
        }
    }

    private async Task RemoveMirroredAsync(IListableObjectStore listing, string source, CancellationToken cancellationToken)
    {
        // Not what begins with the key: originals named a and ab would have to be listed for each other.
        if (_recipes.HasDefault)
            await DeleteAsync(source, cancellationToken);
        foreach (var separator in _recipes.Separators)
        {
            await foreach (var found in listing.ListAsync(source + separator, cancellationToken))
            {
                if (_recipes.TrySplit(found.Key, out var key, out _) && key == source)
                    await DeleteAsync(found.Key, cancellationToken);
            }
        }
    }

    // What lies in a bucket of results is named by us, or by OSS after the address that was asked for. Anything else is somebody's who has
    // saved it there, and cannot be made anew.
    private string? OriginalOf(string key, HashSet<string>? styles)
    {
        if (key.StartsWith(_naming.Root, StringComparison.Ordinal))
            return _naming.OriginalOf(key);
        return styles is not null && _recipes.TrySplit(key, out var source, out var style) && styles.Contains(style.Value)
            && _mirrored!.Any(prefix => source.StartsWith(prefix, StringComparison.Ordinal)) ? _naming.HashOf(source) : null;
    }

    private static UInt128 Number(string hash) => UInt128.Parse(hash, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private async Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        if (ObjectKey.TryParse(key, out var parsed))
            await _results.DeleteAsync(parsed, cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "The store does not let us list derived images: those of deleted originals stay. Grant oss:ListObjects and oss:DeleteObject on it")]
    private partial void LogRefused(Exception failure);
}
