using OssProxy.Core.FileTypes;
using OssProxy.Core.Images;

namespace OssProxy.Tests.Videos;

/// <summary>What a picture of a video is, and what it costs.</summary>
public sealed class VideoSnapshotsSpecs
{
    // An index, and what stands between a key frame and the picture, rounded up to pieces.
    private const int MostForAPicture = 700 * 1024;

    [Fact]
    public async Task A_picture_is_as_large_as_the_video_or_as_is_asked()
    {
        using var bed = new SnapshotBed(await TestVideo.IndexFirstAsync());

        foreach (var (width, height, format, expected) in new[]
        {
            (0, 0, ImageFormat.Png, (320, 180)),
            (160, 0, ImageFormat.Jpeg, (160, 90)),
            (0, 45, ImageFormat.Png, (80, 45)),
            (100, 100, ImageFormat.Jpeg, (100, 100)),
        })
        {
            var picture = await bed.TakeAsync(0.5, width, height, format);

            (picture.Width, picture.Height).Should().Be(expected);
            var type = FileTypeCatalog.Identify(picture.Content.Span, isWhole: true, extension: null).Type!;
            (type.MediaType, PictureSize.Of(type, picture.Content.Span)!.Value.Width).Should().Be((picture.MediaType, expected.Item1));
            picture.MediaType.Should().Be(format == ImageFormat.Png ? "image/png" : "image/jpeg");
        }
    }

    [Theory]
    [InlineData("index last")]
    [InlineData("webm")]
    public async Task Every_container_is_read(string container)
    {
        var video = container == "webm" ? await TestVideo.WebMAsync() : await TestVideo.IndexLastAsync();
        using var bed = new SnapshotBed(video, name: container == "webm" ? "a.webm" : "a.mp4");

        (await bed.TakeAsync(1.5)).Width.Should().Be(320);
    }

    [Fact]
    public async Task The_fast_way_gives_the_key_frame_before_and_the_other_the_frame_itself()
    {
        using var bed = new SnapshotBed(await TestVideo.IndexLastAsync());

        var key = await bed.TakeAsync(1);
        (await bed.TakeAsync(1.5, fast: true)).Content.Span.SequenceEqual(key.Content.Span).Should().BeTrue();
        (await bed.TakeAsync(1.5)).Content.Span.SequenceEqual(key.Content.Span).Should().BeFalse();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3600)]
    public async Task At_the_end_and_beyond_it_is_the_last_key_frame(double seconds)
    {
        using var bed = new SnapshotBed(await TestVideo.IndexLastAsync());

        var key = await bed.TakeAsync(1);
        (await bed.TakeAsync(seconds)).Content.Span.SequenceEqual(key.Content.Span).Should().BeTrue();
        (await bed.TakeAsync(seconds, fast: true)).Content.Span.SequenceEqual(key.Content.Span).Should().BeTrue();
    }

    [Fact]
    public async Task A_video_that_lies_on_its_side_is_turned_when_that_is_wanted()
    {
        using var bed = new SnapshotBed(await TestVideo.TurnedAsync());

        var turned = await bed.TakeAsync();
        var lying = await bed.TakeAsync(autoRotate: false);

        (turned.Width, turned.Height).Should().Be((180, 320));
        (lying.Width, lying.Height).Should().Be((320, 180));
    }

    [Fact]
    public async Task A_picture_is_made_to_stand_or_to_lie_and_one_that_does_is_left_alone()
    {
        using var lying = new SnapshotBed(await TestVideo.IndexLastAsync());
        using var standing = new SnapshotBed(await TestVideo.TurnedAsync());

        foreach (var (bed, turn, width, expected) in new[]
        {
            (lying, SnapshotTurn.Portrait, 0, (180, 320)),
            (lying, SnapshotTurn.Landscape, 0, (320, 180)),
            (standing, SnapshotTurn.Portrait, 0, (180, 320)),
            (standing, SnapshotTurn.Landscape, 0, (320, 180)),

            // The size is that of what comes out.
            (lying, SnapshotTurn.Portrait, 90, (90, 160)),
        })
        {
            var picture = await bed.TakeAsync(width: width, turn: turn);

            (picture.Width, picture.Height).Should().Be(expected, "{0} of {1}", turn, bed == lying ? "one that lies" : "one that stands");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_a_long_video_a_part_is_fetched(bool indexFirst)
    {
        var video = await TestVideo.LongAsync(indexFirst);
        using var bed = new SnapshotBed(video);

        await bed.TakeAsync(10.4, width: 260);

        video.Length.Should().BeGreaterThan(6 * MostForAPicture);
        bed.Store.Delivered.Should().BeLessThan(MostForAPicture, "of {0} bytes, in {1} pieces", video.Length, bed.Store.Opened);
    }

    [Fact]
    public async Task What_is_not_there_or_too_large_a_picture_is_told()
    {
        using var bed = new SnapshotBed([1, 2, 3]);
        using var other = new SnapshotBed(new WatchedStore([], "videos/other.mp4"));

        (await bed.FailAsync(width: 3841)).Should().Be(ImageError.ProcessInvalid);
        (await FluentActions.Awaiting(() => bed.Snapshots.TakeAsync(
                other.Store.Key, new Snapshot(TimeSpan.Zero, 0, 0, ImageFormat.Png, Fast: true, AutoRotate: true, Canonical: ""), CancellationToken.None))
            .Should().ThrowAsync<ImageException>()).Which.Error.Should().Be(ImageError.SourceNotFound);
        bed.Store.Opened.Should().Be(0);
    }
}
