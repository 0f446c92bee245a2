using OssProxy.Core.Images;
using OssProxy.Core.Rendering;
using OssProxy.Core.Rendering.Bmp;
using static OssProxy.Tests.Rendering.TestEngine;

namespace OssProxy.Tests.Rendering;

public sealed class WatermarkSpecs
{
    private const string MarkPng = "bWFyay5wbmc"; // mark.png

    private static readonly byte[] White = TestPictures.Bmp(TestPictures.Flat(200, 100, 255, 255, 255));
    private static readonly (string, byte[]) Mark = ("mark.png", TestPictures.Png(TestPictures.Flat(20, 10, 255, 0, 0)));

    [Theory]
    [InlineData("g_nw,x_5,y_7", 5, 7)]
    [InlineData("g_se,x_5,y_7", 175, 83)]
    [InlineData("g_center", 90, 45)]
    public void An_image_lies_where_it_should(string where, int left, int top)
    {
        var picture = Pixels(White, $"image/watermark,image_{MarkPng},{where}/format,bmp", Mark);

        picture.At(left, top).Should().Be("red");
        picture.At(left + 19, top + 9).Should().Be("red");
        picture.At(left - 1, top).Should().Be("white");
        picture.At(left + 20, top + 9).Should().Be("white");
        picture.At(left, top - 1).Should().Be("white");
        picture.At(left, top + 10).Should().Be("white");
    }

    [Fact]
    public void A_mark_that_reaches_over_the_edge_is_cut()
    {
        var wide = ("mark.png", TestPictures.Png(TestPictures.Flat(300, 300, 255, 0, 0)));

        var picture = Pixels(White, $"image/watermark,image_{MarkPng},g_nw,x_190,y_90/format,bmp", wide);

        (picture.Width, picture.Height).Should().Be((200, 100));
        picture.At(189, 95).Should().Be("white");
        picture.At(199, 99).Should().Be("red");
    }

    [Fact]
    public void Opacity_mixes()
    {
        var picture = Pixels(White, $"image/watermark,image_{MarkPng},g_center,t_50/format,bmp", Mark);

        picture.At(100, 50).Should().MatchRegex("^FF(7E|7F|80|81)(7E|7F|80|81)$");
        Pixels(White, $"image/watermark,image_{MarkPng},g_center,t_0/format,bmp", Mark).At(100, 50).Should().Be("white");
    }

    [Fact]
    public void An_image_is_scaled_to_a_part_of_the_picture()
    {
        // mark.png?x-oss-process=image/resize,P_50: 50 % of 200 × 100 is 100 × 50
        const string scaled = "bWFyay5wbmc_eC1vc3MtcHJvY2Vzcz1pbWFnZS9yZXNpemUsUF81MA";
        var large = ("mark.png", TestPictures.Png(TestPictures.Flat(400, 200, 255, 0, 0)));

        var picture = Pixels(White, $"image/watermark,image_{scaled},g_nw,x_0,y_0/format,bmp", large);

        picture.At(99, 49).Should().Be("red");
        picture.At(101, 51).Should().Be("white");
    }

    [Fact]
    public void Tiles_cover_the_picture()
    {
        var picture = Pixels(White, $"image/watermark,image_{MarkPng},fill_1/format,bmp", Mark);

        foreach (var (x, y) in ((int, int)[])[(0, 0), (31, 1), (1, 21), (181, 81)])
            picture.At(x, y).Should().Be("red");
        foreach (var (x, y) in ((int, int)[])[(25, 5), (5, 15)])
            picture.At(x, y).Should().Be("white");
    }

    [Fact]
    public void A_text_has_its_colour_and_its_place()
    {
        // 你好
        const string process = "image/watermark,text_5L2g5aW9,color_0000FF,size_40,g_se,x_10,y_10/format,bmp";
        if (!Shared.Report.RendersChinese)
        {
            Refusal(White, process).Error.Should().Be(ImageError.WatermarkRefused);
            return;
        }

        var picture = Pixels(White, process);
        var ink = Places(picture, colour => colour != "white");

        ink.Should().Contain(place => picture.At(place.X, place.Y) == "blue");
        ink.Max(place => place.X).Should().BeInRange(187, 189);
        ink.Max(place => place.Y).Should().BeInRange(87, 89);
        (ink.Max(place => place.X) - ink.Min(place => place.X)).Should().BeInRange(60, 85, "two characters of 40 pixels");
    }

    [Fact]
    public void A_text_is_no_markup() =>
        WatermarkText.Escaped("<span size='100000'>&amp;\n\u0001\uFFFE").Should().Be("&lt;span size='100000'&gt;&amp;amp;   ");

    [Fact]
    public void What_looks_like_markup_is_drawn()
    {
        if (!Shared.Report.RendersText)
            return;

        // <span size="99999"> and <b
        foreach (var text in (string[])["PHNwYW4gc2l6ZT0iOTk5OTkiPg", "PGI"])
            Pixels(White, $"image/watermark,text_{text},g_center/format,bmp").Pixels.Should().Contain(value => value < 100);
    }

    [Fact]
    public void An_image_and_a_text_lie_side_by_side()
    {
        if (!Shared.Report.RendersText)
            return;

        const string both = $"image_{MarkPng},text_SGk,color_0000FF,size_30,order_0,align_1,interval_20";
        var picture = Pixels(White, $"image/watermark,{both},g_nw,x_0,y_0/format,bmp", Mark);
        var red = Places(picture, colour => colour == "red");
        var blue = Places(picture, colour => colour == "blue");

        (red.Min(place => place.X), red.Max(place => place.X)).Should().Be((0, 19));
        blue.Min(place => place.X).Should().BeInRange(39, 42);
    }

    [Fact]
    public void A_mark_that_is_none_is_the_watermarks_fault()
    {
        var process = $"image/watermark,image_{MarkPng}";
        byte[] source = White;

        Refused(source, process).Code.Should().Be("WatermarkError");
        Refused(source, process, ("mark.png", [1, 2, 3])).Ec.Should().Be("0040-00000027");
        Refused(source, process, ("mark.png", TestPictures.Gif(5, 5, 1, [1, 2, 3]))).Ec.Should().Be("0040-00000027");
        Refused(source, process, ("mark.png", Mark.Item2[..40])).Error.Should().Be(ImageError.WatermarkRefused);
    }

    private static List<(int X, int Y)> Places(BmpPicture picture, Func<string, bool> isWanted) =>
        [.. Enumerable.Range(0, picture.Height).SelectMany(y => Enumerable.Range(0, picture.Width).Select(x => (x, y)))
            .Where(place => isWanted(picture.At(place.x, place.y)))];

    private static ImageException Refused(byte[] source, string process, params (string, byte[])[] marks) =>
        FluentActions.Invoking(() => Render(source, process, marks)).Should().Throw<ImageException>().Which;
}
