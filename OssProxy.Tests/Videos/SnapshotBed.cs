using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.Images;
using OssProxy.Core.Rendering;
using OssProxy.Core.Storage;
using OssProxy.Core.Videos;

namespace OssProxy.Tests.Videos;

/// <summary>The room over one object in memory.</summary>
internal sealed class SnapshotBed : IDisposable
{
    public SnapshotBed(byte[] content, VideoOptions? options = null, string name = "videos/clip.mp4")
        : this(new WatchedStore(content, name), options)
    {
    }

    public SnapshotBed(WatchedStore store, VideoOptions? options = null)
    {
        Store = store;
        var named = new NamedStore("local", store, new ObjectLinks("/public/uploads"));
        Snapshots = new VideoSnapshots(new ObjectStores(named, named), options ?? new VideoOptions(), TimeProvider.System, NullLogger<VideoSnapshots>.Instance);
    }

    public WatchedStore Store { get; }

    public VideoSnapshots Snapshots { get; }

    public Task<RenderResult> TakeAsync(
        double seconds = 0, int width = 0, int height = 0, ImageFormat format = ImageFormat.Png, bool fast = false, bool autoRotate = true,
        SnapshotTurn turn = SnapshotTurn.None) =>
        Snapshots.TakeAsync(
            Store.Key, new Snapshot(TimeSpan.FromSeconds(seconds), width, height, format, fast, autoRotate, Canonical: "") { Turn = turn },
            new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token);

    /// <summary>The error that it ends with.</summary>
    public async Task<ImageError> FailAsync(double seconds = 0, int width = 0) =>
        (await FluentActions.Awaiting(() => TakeAsync(seconds, width)).Should().ThrowAsync<ImageException>()).Which.Error;

    public void Dispose() => Snapshots.Dispose();
}
