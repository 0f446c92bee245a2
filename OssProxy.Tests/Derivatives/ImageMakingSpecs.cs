using OssProxy.Core.Derivatives;
using OssProxy.Core.Images;
using OssProxy.Core.Rendering;
using OssProxy.Core.Storage;

namespace OssProxy.Tests.Derivatives;

/// <summary>Pictures of videos, whose original somebody else reads.</summary>
public sealed class ImageMakingSpecs
{
    private readonly ScriptedOriginals _originals = new();

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

    private Task<KeptResult> MakeAsync()
    {
        var limits = new RenderingOptions().ToLimits();
        SnapshotTaker take = (_, _, _) => Task.FromResult(new RenderResult { Content = new byte[] { 1, 2, 3 }, MediaType = "image/png" });
        var room = new ByteRoom(100, TimeSpan.FromSeconds(10), TimeProvider.System);
        var making = new ImageMaking(_originals, room, limits, new ScriptedRenderer().RenderAsync, take, delegated: null, TimeProvider.System);
        var snapshot = ProcessString.Parse("video/snapshot,t_1000,f_png").Snapshot;
        var recipe = new Recipe(ScriptedOriginals.Key, RecipeKind.Free) { Snapshot = snapshot };
        var name = new ResultName("00", ObjectKey.Parse("derived/00.png"));
        return making.MakeAsync(new Derivation(recipe, ScriptedOriginals.Of("known"), [], name), "", CancellationToken.None);
    }
}
