using System.Net;
using System.Net.Sockets;
using System.Text;
using OssProxy.Core.Images;
using OssProxy.Core.Storage;
using OssProxy.Core.Videos;

namespace OssProxy.Tests.Videos;

/// <summary>Files that want something else of the program than a picture.</summary>
public sealed class HostileVideoSpecs
{
    [Theory]
    [InlineData("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{0}\n#EXT-X-ENDLIST\n")]
    [InlineData("ffconcat version 1.0\nfile '{0}'\n")]
    [InlineData("v=0\r\nc=IN IP4 127.0.0.1\r\nm=video 1 RTP/AVP 96\r\na=control:{0}\r\n")]
    public async Task A_list_of_addresses_is_no_video_and_no_address_of_it_is_called(string list)
    {
        using var victim = new TcpListener(IPAddress.Loopback, 0);
        victim.Start();
        var text = string.Format(null, list, $"http://{victim.LocalEndpoint}/secret");

        // As it is, and behind what a video begins with.
        foreach (var content in new[] { Encoding.UTF8.GetBytes(text), [.. FileType(), .. Encoding.UTF8.GetBytes(text)] })
        {
            using var bed = new SnapshotBed(content);
            (await bed.FailAsync()).Should().BeOneOf(ImageError.ProcessRefused, ImageError.ImageDamaged);
        }

        victim.Pending().Should().BeFalse();
    }

    [Fact]
    public async Task A_video_that_says_its_pictures_lie_elsewhere_is_not_followed()
    {
        using var victim = new TcpListener(IPAddress.Loopback, 0);
        victim.Start();

        // The entry of the data reference box (ISO/IEC 14496-12, 8.7.2) says "in this file"; here it says an address.
        var video = (byte[])(await TestVideo.IndexLastAsync()).Clone();
        var entry = video.AsSpan().IndexOf("url \0\0\0\u0001"u8);
        video[entry + 7] = 0;
        using var bed = new SnapshotBed(video);

        await FluentActions.Awaiting(() => bed.TakeAsync()).Should().NotThrowAsync<StoreException>();

        victim.Pending().Should().BeFalse();
    }

    [Fact]
    public async Task A_video_with_too_many_pixels_is_too_large()
    {
        using var bed = new SnapshotBed(await TestVideo.HugeAsync());

        (await bed.FailAsync(width: 100)).Should().Be(ImageError.ImageTooLarge);
    }

    [Fact]
    public async Task A_video_that_is_cut_off_is_damaged()
    {
        var whole = await TestVideo.IndexLastAsync();
        using var bed = new SnapshotBed(whole[..(whole.Length / 2)]);

        (await bed.FailAsync()).Should().Be(ImageError.ImageDamaged);
    }

    [Fact]
    public async Task No_more_of_a_video_is_fetched_than_is_allowed()
    {
        var video = await TestVideo.LongAsync(indexFirst: true);
        using var bed = new SnapshotBed(video, new VideoOptions { MaxBytes = 200 * 1024 });

        (await bed.FailAsync(seconds: 19.9)).Should().Be(ImageError.ImageTooLarge);
        bed.Store.Delivered.Should().BeLessThanOrEqualTo(200 * 1024);
    }

    [Fact]
    public async Task What_the_store_fails_with_is_told_as_its_failure()
    {
        var failure = new StoreException(StoreError.StoreTimedOut, "The store sleeps.");
        using var bed = new SnapshotBed(new WatchedStore(await TestVideo.IndexLastAsync()) { Failure = failure });

        (await FluentActions.Awaiting(() => bed.TakeAsync()).Should().ThrowAsync<StoreException>()).Which.Should().BeSameAs(failure);
    }

    [Fact]
    public async Task A_store_that_breaks_off_has_failed_and_the_video_is_not_said_to_be_damaged()
    {
        using var bed = new SnapshotBed(new WatchedStore(await TestVideo.IndexLastAsync()) { Failure = new IOException("reset by peer") });

        (await FluentActions.Awaiting(() => bed.TakeAsync()).Should().ThrowAsync<StoreException>())
            .Which.Error.Should().Be(StoreError.StoreFailed);
    }

    // ISO/IEC 14496-12, 4.3.
    private static byte[] FileType() => [0, 0, 0, 20, .. "ftypisom"u8, 0, 0, 2, 0, .. "isom"u8];
}
