using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.FileTypes;
using OssProxy.Core.Images;
using OssProxy.Core.Rendering;
using OssProxy.Core.Storage;
using OssProxy.Core.Streams;
using OssProxy.Core.Transfers;
using OssProxy.Core.Uploads;
using OssProxy.Tests.Api;
using OssProxy.Tests.Videos;

namespace OssProxy.Tests.Uploads;

/// <summary>Pictures that wait until there is room for them in memory, and what they wait for no longer.</summary>
public sealed class PicturePlaceSpecs : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(50);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("ossproxy-place-").FullName;
    private readonly Clock _clock = new();
    private readonly TaskCompletionSource _gate = new();
    private readonly TaskCompletionSource _isIn = new();
    private readonly WatchedStore _store = new("half"u8.ToArray(), "mark.png") { LengthTold = 10 };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Nobody_waits_for_ever_for_a_place()
    {
        using var treatments = Treatments();
        var first = TreatAsync(treatments);
        await _isIn.Task.WaitAsync(Deadline);
        var second = TreatAsync(treatments);
        await Eventually.TrueAsync(() => Task.FromResult(_clock.Armed == 1), "it waits");

        _clock.Advance(Patience - TimeSpan.FromSeconds(1));
        second.IsCompleted.Should().BeFalse();
        _clock.Advance(TimeSpan.FromSeconds(1));

        var refused = (await Waiting(second).Should().ThrowAsync<ImageException>()).Which;
        (refused.Error, refused.RetryAfter > TimeSpan.Zero).Should().Be((ImageError.RenderingBusy, true));
        Spooled().Should().Be(1, "only the first one's is left");
        await EndAsync(first);
        await EndAsync(TreatAsync(treatments));
    }

    [Fact]
    public async Task Whoever_has_left_does_not_keep_the_others_waiting()
    {
        using var treatments = Treatments();
        using var leaving = new CancellationTokenSource();
        var first = TreatAsync(treatments);
        await _isIn.Task.WaitAsync(Deadline);
        var second = TreatAsync(treatments, clientLeft: leaving.Token);
        await Eventually.TrueAsync(() => Task.FromResult(_clock.Armed == 1), "it waits");

        await leaving.CancelAsync();

        (await Waiting(second).Should().ThrowAsync<UploadException>()).Which.Error.Should().Be(UploadError.ClientClosed);
        Spooled().Should().Be(1);
        await EndAsync(first);
    }

    [Fact]
    public async Task A_watermark_that_breaks_off_is_the_stores_fault()
    {
        using var treatments = Treatments();

        var broken = Waiting(TreatAsync(treatments, """{"image_process":"image/watermark,image_bWFyay5wbmc"}"""));

        (await broken.Should().ThrowAsync<StoreException>()).Which.Error.Should().Be(StoreError.StoreFailed);
        Spooled().Should().Be(0);
    }

    private static Func<Task> Waiting(Task task) => () => task.WaitAsync(Deadline);

    private int Spooled() => Directory.GetFiles(_folder).Length;

    private async Task EndAsync(Task<TreatedPicture> treating)
    {
        _gate.TrySetResult();
        await (await treating.WaitAsync(Deadline)).DisposeAsync();
    }

    private static Task<TreatedPicture> TreatAsync(
        PictureTreatments treatments, string policy = """{"image_process":"image/auto-orient,1"}""", CancellationToken clientLeft = default) =>
        treatments.TreatAsync(
            PictureTreatment.Of(ClassPolicy.Parse(policy))!, FileTypeCatalog.Find("jpeg")!,
            new IncomingFile(Name: null, new MemoryStream(Samples.Photo)) { ClientLeft = clientLeft }, CancellationToken.None);

    private PictureTreatments Treatments()
    {
        var named = new NamedStore("oss", _store, new ObjectLinks("https://img.example.com"));
        return new PictureTreatments(
            async (job, _, _) =>
            {
                _isIn.TrySetResult();
                await _gate.Task;
                return new RenderResult { Content = job.Source, MediaType = "image/jpeg", Unchanged = true };
            },
            new RenderLimits(), 1, Patience, new SpoolFolder(_folder, "test"), new BufferBudget(BufferBudget.MinBytes),
            new ObjectStores(named, named), _clock, NullLogger<PictureTreatments>.Instance);
    }
}
