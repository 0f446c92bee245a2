using System.Collections.Immutable;
using OssProxy.Core.Images;
using OssProxy.Core.Rendering;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Derivatives;

/// <summary>
/// Images that are made when somebody asks for them, once, and then kept. A result is named after everything that decides what it looks
/// like, so it never goes stale, and its tag is known as soon as the original's is. It is looked for in memory, then where results are
/// kept; who asks for one that is neither here nor there waits for whoever makes it. One process makes a result once, however many ask; of
/// several nodes the first to keep it decides what it is. Costs, with a result in memory: no question to anybody while the original is
/// remembered.
/// </summary>
public sealed class DerivedImages
{
    /// <summary>Most results that a process is making at a time, waiting included.</summary>
    public const int MostAtOnce = 1024;

    // An original that is replaced again and again while it is read is somebody's doing, and no reason to go on for ever.
    private const int Attempts = 3;

    private readonly SourceHeads _heads;
    private readonly ResultNaming _naming;
    private readonly ResultStore _results;
    private readonly ResultMemory _memory;
    private readonly ImageMaking _making;
    private readonly RenderLimits _limits;
    private readonly ByteRoom _room;
    private readonly RefusalMemory _refusals;
    private readonly DerivativeMetrics _metrics;
    private readonly SharedWork<DerivedImage> _work = new();
    private int _atOnce;

    /// <param name="room">For the bytes of results that are too large for the memory, until they are kept, or sent where they cannot
    /// be.</param>
    internal DerivedImages(
        SourceHeads heads, ResultNaming naming, ResultStore results, ResultMemory memory, ImageMaking making, RenderLimits limits,
        ByteRoom room, RefusalMemory refusals, DerivativeMetrics metrics) =>
        (_heads, _naming, _results, _memory, _making, _limits, _room, _refusals, _metrics) =
        (heads, naming, results, memory, making, limits, room, refusals, metrics);

    /// <summary>Where results are to be read whose bytes are not at hand.</summary>
    public IObjectStore Results => _results.Objects;

    /// <summary>Results that are being looked for or made.</summary>
    public int UnderWay => _work.Count;

    /// <summary>Those who wait for them.</summary>
    internal int Waiting => _work.Waiting;

    /// <summary>What the store says of an original now, so that it can be given as it lies: under the tag of before, parts of two files
    /// would be joined.</summary>
    /// <exception cref="ImageException"><see cref="ImageError.SourceNotFound"/>.</exception>
    /// <exception cref="StoreException">The store failed.</exception>
    public async Task<StoredObject> OriginalAsync(ObjectKey key, CancellationToken cancellationToken) =>
        await _heads.AskAsync(key, cancellationToken) ?? throw ImageFaults.NoSource();

    /// <summary>Which result a recipe means.</summary>
    /// <param name="recipe">With a process.</param>
    /// <exception cref="ImageException"><see cref="ImageError.SourceNotFound"/>, <see cref="ImageError.WatermarkRefused"/>.</exception>
    /// <exception cref="StoreException">The store failed.</exception>
    public async ValueTask<Derivation> PrepareAsync(Recipe recipe, CancellationToken cancellationToken)
    {
        var source = await _heads.FindAsync(recipe.Source, cancellationToken) ?? throw ImageFaults.NoSource();
        var marks = recipe.Image is { } image ? await MarksAsync(image, cancellationToken) : [];
        return new Derivation(recipe, source, marks, _naming.Of(recipe, source, marks));
    }

    /// <summary>What is known of a result that is there; null when it would have to be made.</summary>
    public async ValueTask<DerivedImage?> FindAsync(Derivation derivation, CancellationToken cancellationToken) =>
        InMemory(derivation) ?? await _results.HeadAsync(derivation, cancellationToken);

    /// <summary>A result, made if need be.</summary>
    /// <param name="caller">Null where everybody may have it made.</param>
    /// <returns>Of the original as it is now: it may have changed since the derivation was prepared. To be disposed when it has been
    /// sent.</returns>
    /// <exception cref="ImageException">It cannot be made.</exception>
    /// <exception cref="StoreException">The originals cannot be read.</exception>
    public async Task<DerivedImage> MakeAsync(Derivation derivation, ImageCaller? caller, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (InMemory(derivation) is { } kept)
            {
                _metrics.Given(ResultOrigin.Memory);
                return kept;
            }

            try
            {
                var (meant, isFirst) = (derivation, false);
                var made = await _work.RunAsync(
                    derivation.Name.Hash,
                    turn =>
                    {
                        isFirst = true;
                        return FindOrMakeAsync(meant, caller?.Name ?? "", turn);
                    },
                    caller?.Admit,
                    cancellationToken);
                // Whoever began it may have come to the same result by another recipe. What has nowhere to be read from is held until it
                // has been sent, and slow clients, however many, hold no more than there is room for.
                var share = made.Content is { } content && !_memory.Takes(content.Length)
                    ? _room.TryEnter(content.Length) ?? throw ImageFaults.Busy() : null;
                _metrics.Given(isFirst ? made.Origin : ResultOrigin.Shared);
                return made with { Derivation = derivation, Share = share };
            }
            catch (SourceChangedException changed)
            {
                _heads.Forget(changed.Key);
                if (changed.InnerException is ImageException absent)
                    throw absent;
                if (attempt == Attempts)
                    throw new StoreException(StoreError.StoreBusy, "The original is being replaced again and again.", changed);
                derivation = await PrepareAsync(derivation.Recipe, cancellationToken);
            }
        }
    }

    /// <summary>Forgets what the store said of an original, which has been changed or removed here.</summary>
    public void Forget(ObjectKey source) => _heads.Forget(source);

    private DerivedImage? InMemory(Derivation derivation) => _memory.Find(derivation.Name.Hash) is { } kept ? Image(derivation, kept) : null;

    private static DerivedImage Image(Derivation derivation, KeptResult kept) =>
        new(derivation, kept.MediaType, kept.Content.Length) { Content = kept.Content };

    private async Task<DerivedImage> FindOrMakeAsync(Derivation derivation, string client, SharedWork<DerivedImage>.Turn turn)
    {
        // Somebody may have made it between the look into the memory and this turn.
        if (InMemory(derivation) is { } kept)
            return kept;
        if (_refusals.Find(derivation.Name.Hash) is { } refusal)
            throw refusal;
        var look = await _results.FindAsync(derivation, _memory, turn.Token);
        if (look.Image is { } found)
            return found;

        await turn.AdmittedAsync();
        if (Interlocked.Increment(ref _atOnce) > MostAtOnce)
        {
            Interlocked.Decrement(ref _atOnce);
            throw ImageFaults.Busy();
        }

        try
        {
            var made = await _making.MakeAsync(derivation, client, turn.Token);
            return await KeepAsync(derivation, made, isReadable: look.IsKnown);
        }
        catch (ImageException failure)
        {
            _refusals.Keep(derivation.Name.Hash, failure);
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref _atOnce);
        }
    }

    // A store that takes results slowly is not to fill the memory with them.
    private async Task<DerivedImage> KeepAsync(Derivation derivation, KeptResult made, bool isReadable)
    {
        var isLarge = !_memory.Takes(made.Content.Length);
        using var share = isLarge ? _room.TryEnter(made.Content.Length) ?? throw ImageFaults.Busy() : null;
        var put = await _results.PutAsync(derivation, made);
        if (put == ResultPut.ThereBefore
            && (await _results.FindAsync(derivation, _memory, CancellationToken.None)).Image is { } first)
            return first;

        // Clients that are slow are not to hold what is large and lies where it can be read from.
        if (isLarge && isReadable && put == ResultPut.Kept)
            return new DerivedImage(derivation, made.MediaType, made.Content.Length) { Origin = ResultOrigin.Made };
        _memory.Keep(derivation.Name.Hash, made);
        return Image(derivation, made) with { Origin = ResultOrigin.Made };
    }

    private async ValueTask<ImmutableArray<StoredObject>> MarksAsync(ImageProcess image, CancellationToken cancellationToken)
    {
        ImmutableArray<StoredObject>.Builder? marks = null;
        foreach (var text in image.WatermarkKeys)
        {
            if (!ObjectKey.TryParse(text, out var key) || await _heads.FindAsync(key, cancellationToken) is not { } mark || mark.Length > _limits.SourceBytes)
                throw ImageFaults.NoMark();
            (marks ??= ImmutableArray.CreateBuilder<StoredObject>()).Add(mark);
        }

        return marks?.ToImmutable() ?? [];
    }
}
