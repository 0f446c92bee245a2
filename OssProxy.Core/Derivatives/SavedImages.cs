using OssProxy.Core.Images;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Derivatives;

/// <summary>What was saved where.</summary>
public sealed record SavedImage(string Bucket, string Key, long Length);

/// <summary>
/// Results that are kept under a name of somebody's choice (<c>sys/saveas</c>), in the originals' bucket or in that of the results. Where
/// uploads lie, and where results lie under their own names, nothing is saved: the records know what is there. Among the originals nothing
/// is overwritten, which OSS would do: an object that a record stands for would no longer be the one that was uploaded.
/// </summary>
public sealed class SavedImages
{
    private readonly NamedStore _originals;
    private readonly ResultStore _results;
    private readonly string _resultBucket;
    private readonly ResultNaming _naming;
    private readonly Recipes _recipes;
    private readonly DerivedImages _images;

    /// <param name="resultBucket">Empty where results have no bucket of their own.</param>
    internal SavedImages(
        NamedStore originals, ResultStore results, string resultBucket, ResultNaming naming, Recipes recipes, DerivedImages images) =>
        (_originals, _results, _resultBucket, _naming, _recipes, _images) = (originals, results, resultBucket, naming, recipes, images);

    /// <summary>Makes an image and saves it.</summary>
    /// <param name="recipe">With <see cref="Recipe.SaveAs"/>.</param>
    /// <param name="reserved">What keys among the originals must not begin with.</param>
    /// <exception cref="ImageException">The image cannot be made, or not be saved there.</exception>
    /// <exception cref="StoreException">A store failed; <see cref="StoreError.ObjectExists"/>.</exception>
    public async Task<SavedImage> SaveAsync(
        Recipe recipe, IEnumerable<string> reserved, ImageCaller? caller, CancellationToken cancellationToken)
    {
        var saveAs = recipe.SaveAs ?? throw new ArgumentException("The recipe does not say where to.", nameof(recipe));
        var bucket = saveAs.Bucket ?? _originals.Bucket;
        var isOriginals = bucket == _originals.Bucket;
        if (!isOriginals && (_resultBucket.Length == 0 || bucket != _resultBucket))
            throw ImageFaults.SaveElsewhere("Images can be saved in the bucket of the originals and in that of the results only.");
        if (!ObjectKey.TryParse(saveAs.Key, out var key))
            throw ImageFaults.Argument("The name of the object to save is none.");

        // A name that differs in case only is the same file on some disks.
        var closed = isOriginals ? reserved.Append(_naming.Root) : [_naming.Root];
        if (closed.Any(prefix => prefix.Length == 0 || key.Value.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
            throw ImageFaults.SaveElsewhere("Nothing can be saved there: uploads or results lie there.");
        if (!isOriginals && _recipes.TrySplit(key.Value, out _, out _))
            throw ImageFaults.SaveElsewhere("The name is one that results of a style have.");

        var derivation = await _images.PrepareAsync(recipe, cancellationToken);
        using var image = await _images.MakeAsync(derivation, caller, cancellationToken);
        var content = image.Content ?? await ReadAsync(image, cancellationToken);
        using var body = new MemoryBody(content);
        var target = isOriginals ? _originals.Store : _results.Objects;
        await target.PutAsync(
            key, _results.Content(body, derivation, new KeptResult(content, image.MediaType)) with { ForbidOverwrite = isOriginals },
            cancellationToken);
        if (isOriginals)
            _images.Forget(key);
        return new SavedImage(bucket, key.Value, content.Length);
    }

    private async Task<byte[]> ReadAsync(DerivedImage image, CancellationToken cancellationToken)
    {
        await using var reading = await _results.Objects.OpenAsync(image.Derivation.Name.Key, range: null, cancellationToken)
            ?? throw new StoreException(StoreError.StoreFailed, "The result has gone since it was found.");
        var content = new byte[reading.Source.Length];
        await reading.Body.ReadExactlyAsync(content, cancellationToken);
        return content;
    }
}
