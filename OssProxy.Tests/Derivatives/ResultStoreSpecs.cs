using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.Derivatives;
using OssProxy.Core.Storage;

namespace OssProxy.Tests.Derivatives;

/// <summary>A store of results that hangs or fails costs whoever asks a moment, and those after them nothing.</summary>
public sealed class ResultStoreSpecs
{
    private static readonly KeptResult Result = new([1, 2, 3], "image/jpeg");

    private readonly Clock _clock = new();
    private readonly ResultMemory _memory = new(1 << 20);
    private readonly StandInStore _store = new();
    private readonly ResultStore _results;

    private readonly Derivation _derivation = new(
        new Recipe(ScriptedOriginals.Key, RecipeKind.Free), ScriptedOriginals.Of("known"), [], new ResultName("00", ObjectKey.Parse("derived/00.jpg")));

    public ResultStoreSpecs() => _results = new ResultStore(_store, "public", _clock, NullLogger<ResultStore>.Instance);

    [Fact]
    public async Task A_look_that_hangs_is_given_up_and_not_tried_again_at_once()
    {
        _store.Opening = HangAsync;
        var hanging = FindAsync();
        hanging.IsCompleted.Should().BeFalse();

        _clock.Advance(TimeSpan.FromSeconds(2));

        (await hanging).IsKnown.Should().BeFalse();
        (await FindAsync()).IsKnown.Should().BeFalse();
        (await _results.HeadAsync(_derivation, CancellationToken.None)).Should().BeNull();
        _store.Asked.Should().Be(1);
        (await _results.PutAsync(_derivation, Result)).Should().Be(ResultPut.Kept, "what cannot be read may well be written");
        _store.Opening = _ => Task.FromResult<ObjectReading?>(null);
        _clock.Advance(TimeSpan.FromSeconds(5));
        (await FindAsync()).Should().Be(ResultLook.Absent);
        _store.Asked.Should().Be(2);
    }

    [Fact]
    public async Task Whoever_leaves_in_the_midst_of_a_look_says_nothing_of_the_store()
    {
        using var leaving = new CancellationTokenSource();
        _store.Opening = HangAsync;
        var hanging = _results.FindAsync(_derivation, _memory, leaving.Token);

        await leaving.CancelAsync();

        await FluentActions.Awaiting(() => hanging).Should().ThrowAsync<OperationCanceledException>();
        _store.Opening = _ => Task.FromResult<ObjectReading?>(null);
        (await FindAsync()).IsKnown.Should().BeTrue();
    }

    [Fact]
    public async Task What_cannot_be_put_soon_is_given_up_and_the_next_is_not_tried()
    {
        _store.Putting = async token => await HangAsync(token);
        var hanging = _results.PutAsync(_derivation, Result);

        _clock.Advance(TimeSpan.FromSeconds(5));

        (await hanging).Should().Be(ResultPut.Failed);
        (await _results.PutAsync(_derivation, Result)).Should().Be(ResultPut.Failed);
        _store.Put.Should().Be(1);
        (await FindAsync()).IsKnown.Should().BeTrue();
        _store.Putting = _ => Task.CompletedTask;
        _clock.Advance(TimeSpan.FromSeconds(5));
        (await _results.PutAsync(_derivation, Result)).Should().Be(ResultPut.Kept);
    }

    private static async Task<ObjectReading?> HangAsync(CancellationToken token)
    {
        await Task.Delay(Timeout.Infinite, token);
        return null;
    }

    private Task<ResultLook> FindAsync() => _results.FindAsync(_derivation, _memory, CancellationToken.None);

    private sealed class StandInStore : IObjectStore
    {
        public Func<CancellationToken, Task<ObjectReading?>> Opening { get; set; } = _ => Task.FromResult<ObjectReading?>(null);

        public Func<CancellationToken, Task> Putting { get; set; } = _ => Task.CompletedTask;

        public int Asked { get; private set; }

        public int Put { get; private set; }

        public Task<ObjectReading?> OpenAsync(ObjectKey key, ByteRange? range, CancellationToken cancellationToken)
        {
            Asked++;
            return Opening(cancellationToken);
        }

        public async Task<StoredObject> PutAsync(ObjectKey key, ObjectContent content, CancellationToken cancellationToken)
        {
            Put++;
            await Putting(cancellationToken);
            return new StoredObject(key, content.Length!.Value, content.ContentType, ETag: null, Crc64: null, LastModified: null);
        }

        public Task<StoredObject?> HeadAsync(ObjectKey key, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
