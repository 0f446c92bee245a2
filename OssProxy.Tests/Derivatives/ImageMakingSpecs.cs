using OssProxy.Core.Derivatives;
using OssProxy.Core.Images;
using OssProxy.Core.Rendering;
using OssProxy.Core.Storage;

namespace OssProxy.Tests.Derivatives;

/// <summary>Originals that change, go, or do not come while something is made of them.</summary>
public sealed class ImageMakingSpecs
{
    private readonly ScriptedOriginals _originals = new();
    private readonly Clock _clock = new();
    private readonly ByteRoom _room;

    public ImageMakingSpecs() => _room = new ByteRoom(100, TimeSpan.FromSeconds(10), _clock);

    [Fact]
    public async Task A_picture_counts_only_when_the_original_is_still_the_one_that_it_is_named_after()
    {
        _originals.Head = _ => Task.FromResult<StoredObject?>(ScriptedOriginals.Of("known"));

        (await MakeAsync()).Content.Should().Equal(1, 2, 3);

        _originals.Head = _ => Task.FromResult<StoredObject?>(ScriptedOriginals.Of("another"));
        var changed = await FluentActions.Awaiting(() => MakeAsync()).Should().ThrowAsync<SourceChangedException>();
        changed.Which.Key.Should().Be(ScriptedOriginals.Key);
        changed.Which.InnerException.Should().BeNull();
    }

    [Fact]
    public async Task A_picture_of_an_original_that_has_gone_is_none()
    {
        var gone = await FluentActions.Awaiting(() => MakeAsync()).Should().ThrowAsync<SourceChangedException>();

        gone.Which.InnerException.Should().BeOfType<ImageException>().Which.Error.Should().Be(ImageError.SourceNotFound);
    }

    [Fact]
    public async Task A_store_that_stands_still_does_not_hold_the_room_that_others_wait_for()
    {
        _originals.Open = async token =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return null;
        };
        var making = MakeAsync("image/resize,w_1");
        _room.HeldBytes.Should().Be(10);

        _clock.Advance(TimeSpan.FromSeconds(10));

        (await FluentActions.Awaiting(() => making.WaitAsync(TimeSpan.FromSeconds(20))).Should().ThrowAsync<StoreException>()).Which.Error.Should().Be(StoreError.StoreTimedOut);
        _room.HeldBytes.Should().Be(0);
    }

    private Task<KeptResult> MakeAsync(string process = "video/snapshot,t_1000,f_png")
    {
        var limits = new RenderingOptions().ToLimits();
        SnapshotTaker take = (_, _, _) => Task.FromResult(new RenderResult { Content = new byte[] { 1, 2, 3 }, MediaType = "image/png" });
        var making = new ImageMaking(_originals, _room, limits, new ScriptedRenderer().RenderAsync, take, delegated: null, _clock);
        var parsed = ProcessString.Parse(process);
        var recipe = new Recipe(ScriptedOriginals.Key, RecipeKind.Free) { Snapshot = parsed.Snapshot, Image = parsed.Image };
        var name = new ResultName("00", ObjectKey.Parse("derived/00.png"));
        return making.MakeAsync(new Derivation(recipe, ScriptedOriginals.Of("known"), [], name), "", CancellationToken.None);
    }
}
