using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using OssProxy.Core.Images;
using OssProxy.Core.Rendering;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Derivatives;

/// <summary>
/// Makes one result: fetches the original into rented memory for which there is room, hands it to a renderer and gives the memory back.
/// Nothing that is too large is fetched, and no upload waits for any of it: the memory is counted by itself.
/// </summary>
/// <param name="delegated">Null where we make images ourselves.</param>
internal sealed class ImageMaking(
    IObjectStore originals, ByteRoom room, RenderLimits limits, Renderer render, SnapshotTaker snapshot, DelegatedImages? delegated,
    TimeProvider time)
{
    // Besides a second for each MiB, which a line of 10 Mbit/s carries.
    private static readonly TimeSpan FetchPatience = TimeSpan.FromSeconds(10);

    /// <summary>Makes a result.</summary>
    /// <param name="client">For whom.</param>
    /// <exception cref="ImageException">It cannot be made.</exception>
    /// <exception cref="StoreException">The originals cannot be read.</exception>
    /// <exception cref="SourceChangedException">The original is not the one any more that the result was named after.</exception>
    public async Task<KeptResult> MakeAsync(Derivation derivation, string client, CancellationToken cancellationToken)
    {
        var recipe = derivation.Recipe;
        if (delegated is not null)
        {
            using var share = await room.EnterAsync(DelegatedImages.MostBytesOf(recipe), client, cancellationToken);
            var made = await delegated.MakeAsync(recipe, cancellationToken);
            await RequireUnchangedAsync(derivation, cancellationToken);
            return Result(made.Content, made.MediaType, []);
        }

        if (recipe.Snapshot is { } wanted)
        {
            var taken = await snapshot(recipe.Source, wanted, cancellationToken);
            await RequireUnchangedAsync(derivation, cancellationToken);
            return Result(taken.Content, taken.MediaType, []);
        }

        return await RenderAsync(derivation, client, cancellationToken);
    }

    private async Task<KeptResult> RenderAsync(Derivation derivation, string client, CancellationToken cancellationToken)
    {
        if (derivation.Source.Length > limits.SourceBytes)
            throw ImageFaults.SourceTooLarge(limits.SourceBytes);
        if (derivation.Marks.Any(mark => mark.Length > limits.SourceBytes))
            throw ImageFaults.NoMark();

        using var share = await room.EnterAsync(
            derivation.Source.Length + derivation.Marks.Sum(mark => mark.Length), client, cancellationToken);
        var rented = new List<byte[]>(1 + derivation.Marks.Length);
        try
        {
            var source = await FetchAsync(derivation.Source, rented, ImageFaults.NoSource, cancellationToken);
            var marks = ImmutableDictionary.CreateBuilder<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
            foreach (var mark in derivation.Marks)
                marks[mark.Key.Value] = await FetchAsync(mark, rented, ImageFaults.NoMark, cancellationToken);

            var job = new RenderJob
            {
                Source = source,
                Process = derivation.Recipe.Image!,
                Marks = marks.ToImmutable(),
                Preferred = derivation.Recipe.Preferred,
                Client = client,
                Limits = limits,
            };
            var made = await render(job, $"{derivation.Source.Key.Value}\n{ResultNaming.VersionOf(derivation.Source)}", cancellationToken);
            return Result(made.Content, made.MediaType, rented);
        }
        finally
        {
            rented.ForEach(bytes => ArrayPool<byte>.Shared.Return(bytes));
        }
    }

    // Whoever made it read the original at a time of their own, and what we know of it may be older. Asked of the store itself: a result
    // that is kept under the name of another state would be served for ever.
    private async Task RequireUnchangedAsync(Derivation derivation, CancellationToken cancellationToken)
    {
        await RequireAsync(derivation.Source, ImageFaults.NoSource);
        foreach (var mark in derivation.Marks)
            await RequireAsync(mark, ImageFaults.NoMark);

        async Task RequireAsync(StoredObject known, Func<ImageException> absent)
        {
            var now = await originals.HeadAsync(known.Key, cancellationToken) ?? throw new SourceChangedException(known.Key, absent());
            if (ResultNaming.VersionOf(now) != ResultNaming.VersionOf(known))
                throw new SourceChangedException(known.Key, inner: null);
        }
    }

    // A store that stands still is not to hold the room that others wait for.
    private async Task<ReadOnlyMemory<byte>> FetchAsync(
        StoredObject wanted, List<byte[]> rented, Func<ImageException> absent, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(FetchPatience + TimeSpan.FromSeconds(wanted.Length >> 20), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await ReadAsync(wanted, rented, absent, either.Token);
        }
        catch (OperationCanceledException late) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new StoreException(StoreError.StoreTimedOut, "The original takes too long to fetch.", late);
        }
    }

    // Also of an object that has been replaced since it was looked at nothing is read beyond what it was to be.
    private async Task<ReadOnlyMemory<byte>> ReadAsync(
        StoredObject wanted, List<byte[]> rented, Func<ImageException> absent, CancellationToken cancellationToken)
    {
        await using var reading = await originals.OpenAsync(wanted.Key, range: null, cancellationToken)
            ?? throw new SourceChangedException(wanted.Key, absent());
        if (ResultNaming.VersionOf(reading.Source) != ResultNaming.VersionOf(wanted) || reading.Source.Length != wanted.Length)
            throw new SourceChangedException(wanted.Key, inner: null);

        var bytes = ArrayPool<byte>.Shared.Rent((int)wanted.Length);
        rented.Add(bytes);
        var content = bytes.AsMemory(0, (int)wanted.Length);
        try
        {
            await reading.Body.ReadExactlyAsync(content, cancellationToken);
        }
        catch (EndOfStreamException failure)
        {
            throw new StoreException(StoreError.StoreFailed, "The object ended before its length.", failure);
        }

        return content;
    }

    // The result outlives what was rented, which it may be a part of.
    private static KeptResult Result(ReadOnlyMemory<byte> content, string mediaType, List<byte[]> rented)
    {
        var known = ResultTypes.Of(mediaType) ?? throw ImageFaults.Failed($"The renderer made a {mediaType}.");
        var isOwn = MemoryMarshal.TryGetArray(content, out var piece) && piece.Array!.Length == piece.Count && !rented.Contains(piece.Array);
        return new KeptResult(isOwn ? piece.Array! : content.ToArray(), known);
    }
}

/// <summary>An original has changed or gone since it was looked at.</summary>
/// <param name="inner">What to answer if it has gone; null if it has changed.</param>
internal sealed class SourceChangedException(ObjectKey key, Exception? inner) : Exception("The original has changed since it was looked at.", inner)
{
    public ObjectKey Key { get; } = key;
}
