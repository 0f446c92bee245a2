using System.Text;
using OssProxy.Core.Images;
using OssProxy.Core.Rendering;
using OssProxy.Core.Rendering.Bmp;
using static OssProxy.Tests.Rendering.TestEngine;

namespace OssProxy.Tests.Rendering;

public sealed class EngineRefusalSpecs
{
    [Theory]
    [InlineData("hello world")]
    [InlineData("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"10\" height=\"10\"/>")]
    [InlineData("%PDF-1.4\n1 0 obj")]
    [InlineData("")]
    public void What_is_no_picture_is_refused(string content)
    {
        var refusal = Refusal(Encoding.UTF8.GetBytes(content), "image/resize,w_10");

        (refusal.Error, refusal.Code, refusal.Ec).Should().Be((ImageError.ProcessRefused, "BadRequest", "0040-00000005"));
    }

    [Theory]
    [InlineData("image/resize,w_10")]
    [InlineData("image/format,webp")]
    [InlineData("image/average-hue")]
    public void A_picture_that_is_cut_off_is_damaged_and_not_half_a_picture(string process)
    {
        byte[][] sources =
        [
            Jpeg(TestPictures.Quarters(300, 300)),
            TestPictures.Png(TestPictures.Quarters(300, 300)),
            TestPictures.Gif(200, 200, 10, [1, 2, 3]),
            TestPictures.Bmp(TestPictures.Quarters(30, 30)),
        ];
        foreach (var source in sources)
        {
            var refusal = Refusal(source[..(source.Length / 2)], process);

            (refusal.Error, refusal.Code).Should().Be((ImageError.ImageDamaged, "ImageDamage"));
            refusal.Message.Should().NotContain("vips").And.NotContainEquivalentOf("libpng");
        }
    }

    [Fact]
    public void A_bomb_is_recognised_by_its_header()
    {
        var wide = TestPictures.Png(60_000, 60_000, 8, 2, [0]);
        var many = TestPictures.Png(16_000, 16_000, 8, 2, [0]);

        (Refusal(wide, "image/resize,w_10").Error, Refusal(wide, "image/resize,w_10").Ec)
            .Should().Be((ImageError.ImageTooLarge, "0040-00000009"));
        (Refusal(many, "image/info").Error, Refusal(many, "image/info").Ec).Should().Be((ImageError.ImageTooLarge, "0040-00000012"));
    }

    [Fact]
    public void A_picture_is_as_large_as_its_pixels_have_bytes()
    {
        var limits = new RenderLimits { SourcePixels = 120 };
        var usual = TestPictures.Png(TestPictures.Quarters(10, 10));
        var deep = TestPictures.Png(TestPictures.Quarters(10, 10), bits: 16);

        Shared.Render(Job(usual, "image/resize,w_5") with { Limits = limits }).Width.Should().Be(5);
        var refusal = Refusal(Job(deep, "image/resize,w_5") with { Limits = limits });
        (refusal.Error, refusal.Ec).Should().Be((ImageError.ImageTooLarge, "0040-00000012"));
    }

    [Fact]
    public void A_BMP_that_would_unfold_to_gigabytes_is_refused_before_it_is_read()
    {
        var file = BmpWriter.Write(TestPictures.Quarters(2, 2));
        BitConverter.TryWriteBytes(file.AsSpan(18), 16_000);
        BitConverter.TryWriteBytes(file.AsSpan(22), 16_000);

        Refusal(file, "image/resize,w_10").Ec.Should().Be("0040-00000012");
    }

    [Fact]
    public void Frames_count_as_pixels()
    {
        var source = TestPictures.Gif(100, 100, 10, [1, 1, 1], [2, 2, 2], [3, 3, 3]);
        var job = Job(source, "image/resize,w_50/format,gif");

        Shared.Render(job with { Limits = new RenderLimits { SourcePixels = 30_000 } }).Frames.Should().Be(3);
        Refusal(job with { Limits = new RenderLimits { SourcePixels = 29_999 } }).Ec.Should().Be("0040-00000012");
        Refusal(job with { Limits = new RenderLimits { Frames = 2 } }).Error.Should().Be(ImageError.ImageTooLarge);
    }

    [Fact]
    public void Results_have_limits_of_their_own()
    {
        var source = TestPictures.Bmp(TestPictures.Quarters(40, 20));

        Refusal(source, "image/resize,m_fixed,w_5000,h_5000,limit_0").Ec.Should().Be("0040-00000007");
        Refusal(source, "image/resize,m_fill,w_1,h_16384,limit_0").Ec.Should().Be("0040-00000007");
        Refusal(source, "image/resize,m_fixed,w_16384,h_1,limit_0/format,webp").Message
            .Should().Be("Maximum width and height allowed is 16383 pixels for converting webp");
        Refusal(Job(source, "image/rotate,90") with { Limits = new RenderLimits { RotateSide = 39 } }).Ec.Should().Be("0040-00000006");
        Refusal(source, "image/resize,m_fixed,w_4096,h_2400,limit_0/format,avif").Ec.Should().Be("0040-00000014");
    }

    [Theory]
    [InlineData("image/format,png")]
    [InlineData("image/bright,10/format,bmp")]
    [InlineData("image/rotate,90")]
    public void What_no_action_has_made_another_size_may_be_as_large_as_its_source(string process) =>
        Shared.Render(Small(process, new RenderLimits { ResultPixels = 100, ResultSide = 30 })).Content.IsEmpty.Should().BeFalse();

    [Theory]
    [InlineData("image/rotate,45", 10_000, 41)]
    [InlineData("image/rotate,45", 801, 1000)]
    [InlineData("image/crop,w_39,h_20", 10_000, 38)]
    [InlineData("image/crop,w_20,h_10/format,png", 199, 1000)]
    public void What_any_action_has_made_another_size_is_within_the_limits_of_results(string process, long pixels, int side)
    {
        var refusal = Refusal(Small(process, new RenderLimits { ResultPixels = pixels, ResultSide = side }));

        (refusal.Error, refusal.Ec).Should().Be((ImageError.ImageTooLarge, "0040-00000007"));
    }

    [Fact]
    public void A_source_of_too_many_bytes_is_not_looked_at() =>
        Refusal(Job([1, 2, 3], "image/info") with { Limits = new RenderLimits { SourceBytes = 2 } })
            .Error.Should().Be(ImageError.ImageTooLarge);

    [Fact]
    public void A_cut_outside_the_picture_is_refused() =>
        Refusal(TestPictures.Bmp(TestPictures.Quarters(40, 20)), "image/crop,x_40")
            .Message.Should().Be("Advance cut's position is out of image.");

    [Fact]
    public void After_a_refusal_the_next_job_is_done()
    {
        var good = Jpeg(TestPictures.Quarters(300, 300));
        for (var round = 0; round < 5; round++)
        {
            Refusal(good[..(good.Length / 3)], "image/resize,w_10");
            Render(good, "image/resize,w_10").Width.Should().Be(10);
        }
    }

    private static RenderJob Small(string process, RenderLimits limits) =>
        Job(TestPictures.Bmp(TestPictures.Quarters(40, 20)), process) with { Limits = limits };
}
