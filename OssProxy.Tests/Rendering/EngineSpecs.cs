using System.Text;
using OssProxy.Core.Images;
using OssProxy.Core.Rendering;
using OssProxy.Core.Rendering.Bmp;
using static OssProxy.Tests.Rendering.TestEngine;

namespace OssProxy.Tests.Rendering;

public sealed class EngineSpecs
{
    [Fact]
    public void It_says_what_it_found()
    {
        var report = Shared.Report;

        report.Library.Should().Contain("libvips");
        report.Version.Should().MatchRegex(@"^8\.\d+\.\d+$");
        report.Reads.Should().Contain(["bmp", "jpg", "png", "gif", "webp", "tiff", "avif"]);
        report.Writes.Should().Contain(
            [ImageFormat.Jpeg, ImageFormat.Png, ImageFormat.WebP, ImageFormat.Gif, ImageFormat.Bmp, ImageFormat.Avif]);
        report.Reads.Contains("heic").Should().Be(report.DecodesHeic);
    }

    [Theory]
    [InlineData(1, "red green blue white")]
    [InlineData(2, "green red white blue")]
    [InlineData(3, "white blue green red")]
    [InlineData(4, "blue white red green")]
    [InlineData(5, "red blue green white")]
    [InlineData(6, "blue red white green")]
    [InlineData(7, "white green blue red")]
    [InlineData(8, "green white red blue")]
    public void A_picture_is_turned_upright_before_anything_else(int orientation, string corners)
    {
        var source = TestPictures.WithExif(Jpeg(TestPictures.Quarters(64, 32)), TestPictures.Exif(orientation));
        var (width, height) = orientation >= 5 ? (32, 64) : (64, 32);

        var cut = $"image/crop,w_{width},h_{height}/resize,p_50";
        foreach (var (process, scale) in ((string, int)[])[("image", 1), ("image/resize,p_50", 2), (cut, 2)])
        {
            var picture = Pixels(source, $"{process}/format,bmp");

            (picture.Width, picture.Height).Should().Be((width / scale, height / scale), process);
            Corners(picture).Should().Be(corners, process);
        }
    }

    [Fact]
    public void What_is_not_to_be_turned_keeps_only_the_word_how()
    {
        var source = TestPictures.WithExif(Jpeg(TestPictures.Quarters(64, 32)), TestPictures.Exif(6));

        var result = Render(source, "image/auto-orient,0/resize,w_32");

        (result.Width, result.Height).Should().Be((32, 16));
        Facts(result.Content).Should().Contain("Orientation", "6").And.NotContainKeys("Make", "GPSLatitude", "GPSTag");
        Encoding.Latin1.GetString(result.Content.Span).Should().NotContain("ABC");
    }

    [Theory]
    [InlineData("image/resize,w_32")]
    [InlineData("image/format,webp")]
    [InlineData("image/format,png")]
    [InlineData("image/resize,w_9999")]
    public void No_result_says_where_and_with_what_it_was_taken(string process)
    {
        var source = TestPictures.WithExif(Jpeg(TestPictures.Quarters(64, 32)), TestPictures.Exif(1));

        var result = Render(source, process);

        result.Unchanged.Should().BeFalse();
        Facts(result.Content).Should().NotContainKeys("Make", "GPSLatitude", "GPSTag");
    }

    [Theory]
    [InlineData("image/resize,w_9999")]
    [InlineData("image/auto-orient,1/resize,w_64/rotate,0/bright,0/format,png")]
    [InlineData("image/crop,w_64/indexcrop,x_64,i_7")]
    [InlineData("image/quality,q_50")]
    public void Where_there_is_nothing_to_do_the_source_is_the_result(string process)
    {
        var source = TestPictures.Png(TestPictures.Quarters(64, 32));

        var result = Render(source, process);

        result.Unchanged.Should().BeTrue();
        result.Content.ToArray().Should().Equal(source);
        result.MediaType.Should().Be("image/png");
    }

    [Fact]
    public void What_is_transparent_becomes_white_where_it_cannot_stay()
    {
        var source = TestPictures.Png(TestPictures.Flat(20, 20, 0, 0, 0, 0));

        Decoded(Render(source, "image/format,jpg").Content).At(10, 10).Should().Be("white");
        Decoded(Render(source, "image/format,webp").Content).At(10, 10).Should().Be("clear");
    }

    [Fact]
    public void Shapes_are_cut_out_of_the_picture()
    {
        var source = TestPictures.Bmp(TestPictures.Quarters(60, 40));

        var circle = Pixels(source, "image/circle,r_15/format,bmp");
        (circle.Width, circle.Height).Should().Be((31, 31));
        circle.At(0, 0).Should().Be("clear");
        circle.At(9, 9).Should().Be("red");

        var corners = Pixels(source, "image/rounded-corners,r_8/format,bmp");
        corners.At(0, 0).Should().Be("clear");
        corners.At(59, 39).Should().Be("clear");
        corners.At(5, 5).Should().Be("red");
    }

    [Fact]
    public void A_canvas_is_laid_around_and_a_fill_is_cut_from_the_middle()
    {
        var source = TestPictures.Bmp(TestPictures.Quarters(80, 40));

        var pad = Pixels(source, "image/resize,m_pad,w_40,h_40,color_00FF00/format,bmp");
        pad.At(20, 3).Should().Be("green");
        pad.At(5, 15).Should().Be("red");

        var fill = Pixels(source, "image/resize,m_fill,w_20,h_20/format,bmp");
        Corners(fill).Should().Be("red green blue white");
    }

    [Fact]
    public void Turning_by_any_angle_leaves_the_corners_clear()
    {
        var turned = Pixels(TestPictures.Bmp(TestPictures.Flat(40, 40, 255, 0, 0)), "image/rotate,45/format,bmp");

        turned.Width.Should().BeInRange(55, 59);
        turned.At(0, 0).Should().Be("clear");
        turned.At(turned.Width / 2, turned.Height / 2).Should().Be("red");
        Corners(Pixels(TestPictures.Bmp(TestPictures.Quarters(40, 20)), "image/rotate,90/format,bmp")).Should().Be("blue red white green");
    }

    [Theory]
    [InlineData("bright,100", "white")]
    [InlineData("bright,-100", "black")]
    [InlineData("contrast,100", "red")]
    [InlineData("contrast,-100", "808080")]
    [InlineData("sharpen,100", "red")]
    [InlineData("blur,r_3,s_2", "red")]
    public void Effects_go_as_far_as_they_say(string effect, string colour) =>
        Pixels(TestPictures.Bmp(TestPictures.Flat(20, 20, 240, 10, 10)), $"image/{effect}/format,bmp").At(10, 10).Should().Be(colour);

    [Fact]
    public void A_blur_mixes_neighbours_and_a_sharpening_parts_them()
    {
        var source = TestPictures.Bmp(TestPictures.Quarters(40, 40));

        Pixels(source, "image/blur,r_10,s_5/format,bmp").At(20, 5).Should().NotBe("red").And.NotBe("green");
        Pixels(source, "image/blur,r_10,s_5/format,bmp").At(2, 2).Should().Be("red");
    }

    [Fact]
    public void An_animation_keeps_its_frames_and_their_time()
    {
        var source = TestPictures.Gif(40, 20, 25, [255, 0, 0], [0, 255, 0], [0, 0, 255]);

        foreach (var process in (string[])["image/resize,m_pad,w_20,h_20/format,gif", "image/resize,w_20,h_20,m_pad/format,webp"])
        {
            var result = Render(source, process);

            (result.Width, result.Height, result.Frames).Should().Be((20, 20, 3), process);
            Facts(result.Content)["FrameCount"].Should().Be("3");
        }

        var gif = Render(source, "image/resize,m_pad,w_20,h_20/format,gif").Content.ToArray();
        Encoding.Latin1.GetString(gif).Should().Contain("\x21\xF9\x04", "delays stand there").And.Contain("NETSCAPE2.0");
        gif[Encoding.Latin1.GetString(gif).IndexOf("\x21\xF9\x04", StringComparison.Ordinal) + 4].Should().Be(25);
        var first = Decoded(Render(gif, "image/crop,w_20/format,png").Content);
        first.At(10, 2).Should().Be("white", "each frame has a canvas of its own");
        first.At(10, 10).Should().Be("red");
        first.At(10, 18).Should().Be("white");
    }

    [Theory]
    [InlineData("image/resize,p_50", 20, 1)]
    [InlineData("image/format,jpg", 40, 1)]
    [InlineData("image/rotate,90/format,gif", 20, 1)]
    [InlineData("image/format,gif", 40, 3)]
    [InlineData("image/resize,w_80,limit_0", 40, 3)]
    public void An_animation_stands_still_after_anything_but_shrinking(string process, int width, int frames)
    {
        var result = Render(TestPictures.Gif(40, 20, 10, [255, 0, 0], [0, 255, 0], [0, 0, 255]), process);

        (result.Width, result.Frames).Should().Be((width, frames));
    }

    [Fact]
    public void Sixteen_bits_and_grey_become_eight_bits_and_colour()
    {
        Decoded(Render(TestPictures.Png(TestPictures.Quarters(16, 16), bits: 16), "image/format,jpg").Content).At(2, 2).Should().Be("red");
        Decoded(Render(TestPictures.Png(TestPictures.Flat(16, 16, 255)), "image/format,bmp").Content).At(2, 2).Should().Be("white");
    }

    [Theory]
    [InlineData("image/quality,q_50", 40)]
    [InlineData("image/quality,Q_60", 60)]
    [InlineData("image/resize,w_8", 80)]
    public void A_JPEG_is_written_as_good_as_was_asked(string process, int quality)
    {
        var source = Render(TestPictures.Png(TestPictures.Quarters(64, 64)), "image/format,jpg/quality,Q_80").Content.ToArray();

        JpegQuality.Estimate(Render(source, process).Content.Span).Should().BeInRange(quality - 1, quality + 1);
    }

    [Fact]
    public void What_the_client_can_show_is_preferred_where_nothing_was_asked()
    {
        var job = Job(TestPictures.Png(TestPictures.Quarters(64, 64)), "image/resize,w_32") with { Preferred = ImageFormat.WebP };
        var moving = Job(TestPictures.Gif(40, 20, 10, [255, 0, 0], [0, 255, 0]), "image/resize,w_20") with { Preferred = ImageFormat.Avif };
        var asked = Job(TestPictures.Png(TestPictures.Quarters(64, 64)), "image/format,jpg") with { Preferred = ImageFormat.WebP };

        Shared.Render(job).MediaType.Should().Be("image/webp");
        Shared.Render(moving).MediaType.Should().Be("image/gif", "an animation would stand still");
        Shared.Render(asked).MediaType.Should().Be("image/jpeg");
    }

    [Fact]
    public void A_format_that_nobody_asked_for_never_makes_a_request_fail()
    {
        var wide = TestPictures.Png(TestPictures.Flat(16_384, 1, 255, 0, 0));
        var writesHeic = Shared.Report.Writes.Contains(ImageFormat.Heic);

        var same = Shared.Render(Job(wide, "image/auto-orient,1") with { Preferred = ImageFormat.WebP });
        var brighter = Shared.Render(Job(wide, "image/bright,10") with { Preferred = ImageFormat.WebP });
        var smaller = Shared.Render(Job(wide, "image/crop,w_100") with { Preferred = ImageFormat.WebP });
        var heic = Shared.Render(
            Job(TestPictures.Png(TestPictures.Quarters(64, 64)), "image/bright,10") with { Preferred = ImageFormat.Heic });

        (same.MediaType, same.Unchanged).Should().Be(("image/png", true));
        (brighter.MediaType, brighter.Width).Should().Be(("image/png", 16_384));
        smaller.MediaType.Should().Be("image/webp");
        heic.MediaType.Should().Be(writesHeic ? "image/heic" : "image/png");
    }

    [Theory]
    [InlineData(ImageFormat.WebP, 16_383, 16_383, true)]
    [InlineData(ImageFormat.WebP, 16_384, 1, false)]
    [InlineData(ImageFormat.Avif, 2304, 4096, true)]
    [InlineData(ImageFormat.Heic, 4096, 2305, false)]
    [InlineData(ImageFormat.Png, 30_000, 30_000, true)]
    public void Formats_hold_so_much(ImageFormat format, int width, int height, bool holds) =>
        format.Holds(width, height).Should().Be(holds);

    private static string Corners(BmpPicture picture)
    {
        var (right, bottom) = (picture.Width - 2, picture.Height - 2);
        return string.Join(' ', picture.At(1, 1), picture.At(right, 1), picture.At(1, bottom), picture.At(right, bottom));
    }
}
