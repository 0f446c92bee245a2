using Microsoft.Extensions.Logging;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Derivatives;

/// <summary>
/// Where results are kept. A store of results that fails, or hangs, must not fail whoever asks for an image: what cannot be read soon is made
/// anew, what cannot be kept soon is answered all the same; then the store is left alone for some seconds. Both are told in the log once
/// until it works again.
/// </summary>
internal sealed partial class ResultStore(IObjectStore store, string cacheControl, TimeProvider time, ILogger<ResultStore> log)
{
    // A look takes milliseconds; whoever waits for it could have had a small picture made in a second.
    private static readonly TimeSpan LookPatience = TimeSpan.FromSeconds(2);

    // Of what is put, besides a second for each MiB: the lines of small servers carry as much.
    private static readonly TimeSpan PutPatience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan RestLength = TimeSpan.FromSeconds(5);

    private readonly Rest _readsRest = new(RestLength, time);
    private readonly Rest _writesRest = new(RestLength, time);

    /// <summary>The store itself.</summary>
    public IObjectStore Objects => store;

    /// <summary>A result, with its bytes where it is small enough for the memory.</summary>
    public async Task<ResultLook> FindAsync(Derivation derivation, ResultMemory memory, CancellationToken cancellationToken)
    {
        if (_readsRest.IsOn)
            return ResultLook.Unknown;
        using var deadline = new Deadline(LookPatience, time, cancellationToken);
        try
        {
            await using var reading = await store.OpenAsync(derivation.Name.Key, range: null, deadline.Token);
            if (reading is null || ResultTypes.Of(reading.Source.ContentType) is not { } mediaType)
            {
                _readsRest.End();
                return ResultLook.Absent;
            }

            var image = new DerivedImage(derivation, mediaType, reading.Source.Length) { Origin = ResultOrigin.Store };
            if (memory.Takes(image.Length))
            {
                var content = new byte[image.Length];
                await reading.Body.ReadExactlyAsync(content, deadline.Token);
                memory.Keep(derivation.Name.Hash, new KeptResult(content, mediaType));
                image = image with { Content = content };
            }

            _readsRest.End();
            return new ResultLook(image, IsKnown: true);
        }
        catch (Exception failure) when (failure is StoreException or EndOfStreamException || deadline.IsOver)
        {
            ReadFails(failure);
            return ResultLook.Unknown;
        }
    }

    /// <summary>What is known of a result without reading it; null when it is not there, or nothing can be known.</summary>
    public async Task<DerivedImage?> HeadAsync(Derivation derivation, CancellationToken cancellationToken)
    {
        if (_readsRest.IsOn)
            return null;
        using var deadline = new Deadline(LookPatience, time, cancellationToken);
        try
        {
            var found = await store.HeadAsync(derivation.Name.Key, deadline.Token);
            _readsRest.End();
            return found is not null && ResultTypes.Of(found.ContentType) is { } mediaType ? new DerivedImage(derivation, mediaType, found.Length) : null;
        }
        catch (Exception failure) when (failure is StoreException || deadline.IsOver)
        {
            ReadFails(failure);
            return null;
        }
    }

    /// <summary>Keeps a result. Not cancelled by who asks, because the work is done, and worth keeping also for whoever has left.</summary>
    public async Task<ResultPut> PutAsync(Derivation derivation, KeptResult result)
    {
        if (_writesRest.IsOn)
            return ResultPut.Failed;
        using var deadline = new Deadline(PutPatience + TimeSpan.FromSeconds(result.Content.Length >> 20), time, CancellationToken.None);
        try
        {
            using var body = new MemoryBody(result.Content);
            await store.PutAsync(derivation.Name.Key, Content(body, derivation, result), deadline.Token);
            _writesRest.End();
            return ResultPut.Kept;
        }
        catch (StoreException failure) when (failure.Error == StoreError.ObjectExists)
        {
            _writesRest.End();
            return ResultPut.ThereBefore;
        }
        catch (Exception failure) when (failure is StoreException || deadline.IsOver)
        {
            if (_writesRest.Begin())
                LogWriteFailing(failure);
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

    private void ReadFails(Exception failure)
    {
        if (_readsRest.Begin())
            LogReadFailing(failure);
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Derived images cannot be read where they are kept: they are made anew for whoever asks. Check Images:Bucket and the rights on it")]
    private partial void LogReadFailing(Exception failure);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Derived images cannot be kept: they are made anew for whoever asks. Check Images:Bucket and the rights on it")]
    private partial void LogWriteFailing(Exception failure);

    // Of one question, by a clock that a test can set.
    private sealed class Deadline : IDisposable
    {
        private readonly CancellationTokenSource _clock;
        private readonly CancellationTokenSource _either;
        private readonly CancellationToken _caller;

        public Deadline(TimeSpan patience, TimeProvider time, CancellationToken caller)
        {
            (_clock, _caller) = (new CancellationTokenSource(patience, time), caller);
            _either = CancellationTokenSource.CreateLinkedTokenSource(_clock.Token, caller);
        }

        public CancellationToken Token => _either.Token;

        /// <summary>Whether it is the clock that has ended it, and not the caller.</summary>
        public bool IsOver => _clock.IsCancellationRequested && !_caller.IsCancellationRequested;

        public void Dispose()
        {
            _either.Dispose();
            _clock.Dispose();
        }
    }
}

/// <summary>What came of looking for a result.</summary>
/// <param name="Image">Null when it is not there.</param>
/// <param name="IsKnown">False when nothing can be known: the store fails.</param>
internal readonly record struct ResultLook(DerivedImage? Image, bool IsKnown)
{
    public static ResultLook Absent => new(Image: null, IsKnown: true);

    public static ResultLook Unknown => default;
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
