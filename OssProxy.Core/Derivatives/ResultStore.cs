using Microsoft.Extensions.Logging;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Derivatives;

/// <summary>
/// Where results are kept. A store of results that fails must not fail whoever asks for an image: what cannot be read is made anew, what
/// cannot be kept is answered all the same; both are told in the log once until it works again.
/// </summary>
internal sealed partial class ResultStore(IObjectStore store, string cacheControl, ILogger<ResultStore> log)
{
    private int _isFailing;

    /// <summary>The store itself.</summary>
    public IObjectStore Objects => store;

    /// <summary>A result, with its bytes where it is small enough for the memory; null when it is not there, or cannot be had.</summary>
    public async Task<DerivedImage?> FindAsync(Derivation derivation, ResultMemory memory, CancellationToken cancellationToken)
    {
        try
        {
            await using var reading = await store.OpenAsync(derivation.Name.Key, range: null, cancellationToken);
            Works();
            if (reading is null || ResultTypes.Of(reading.Source.ContentType) is not { } mediaType)
                return null;
            var image = new DerivedImage(derivation, mediaType, reading.Source.Length) { Origin = ResultOrigin.Store };
            if (!memory.Takes(image.Length))
                return image;
            var content = new byte[image.Length];
            await reading.Body.ReadExactlyAsync(content, cancellationToken);
            memory.Keep(derivation.Name.Hash, new KeptResult(content, mediaType));
            return image with { Content = content };
        }
        catch (Exception failure) when (failure is StoreException or EndOfStreamException)
        {
            Fails(failure);
            return null;
        }
    }

    /// <summary>What is known of a result without reading it; null when it is not there, or nothing can be known.</summary>
    public async Task<DerivedImage?> HeadAsync(Derivation derivation, CancellationToken cancellationToken)
    {
        try
        {
            var found = await store.HeadAsync(derivation.Name.Key, cancellationToken);
            Works();
            return found is not null && ResultTypes.Of(found.ContentType) is { } mediaType ? new DerivedImage(derivation, mediaType, found.Length) : null;
        }
        catch (StoreException failure)
        {
            Fails(failure);
            return null;
        }
    }

    /// <summary>Keeps a result. Not cancelled, because the work is done, and worth keeping also for whoever has left.</summary>
    public async Task<ResultPut> PutAsync(Derivation derivation, KeptResult result)
    {
        try
        {
            using var body = new MemoryBody(result.Content);
            await store.PutAsync(derivation.Name.Key, Content(body, derivation, result), CancellationToken.None);
            Works();
            return ResultPut.Kept;
        }
        catch (StoreException failure) when (failure.Error == StoreError.ObjectExists)
        {
            return ResultPut.ThereBefore;
        }
        catch (StoreException failure)
        {
            Fails(failure);
            return ResultPut.Failed;
        }
    }

    /// <summary>A result as it is kept.</summary>
    public ObjectContent Content(Stream body, Derivation derivation, KeptResult result) => new()
    {
        Body = body,
        Length = result.Content.Length,
        ContentType = result.MediaType,
        CacheControl = derivation.CacheControl ?? cacheControl,
    };

    private void Works() => Volatile.Write(ref _isFailing, 0);

    private void Fails(Exception failure)
    {
        if (Interlocked.Exchange(ref _isFailing, 1) == 0)
            LogFailing(failure);
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "The store of derived images fails: they are made anew for whoever asks and not kept. Check Images:Bucket and the rights on it")]
    private partial void LogFailing(Exception failure);
}

/// <summary>What came of keeping a result.</summary>
internal enum ResultPut
{
    Kept,

    /// <summary>Another node has kept one of this name before: that one counts.</summary>
    ThereBefore,

    /// <summary>The store fails: whoever waits has it, and nobody after them.</summary>
    Failed,
}
