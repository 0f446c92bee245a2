using OssProxy.Core.Images;

namespace OssProxy.Tests.Images;

/// <summary>The arithmetic of sizes, where the golden vectors are silent.</summary>
public sealed class PlacementSpecs
{
    [Theory]
    // Half a pixel goes up, less than half a pixel is still a pixel.
    [InlineData("w_50", 100, 5, "50x3")]
    [InlineData("w_50", 100, 3, "50x2")]
    [InlineData("w_1", 16384, 1, "1x1")]
    [InlineData("w_10,h_10", 1000, 10, "10x1")]
    [InlineData("m_mfit,w_3,h_2", 400, 267, "3x2")]
    [InlineData("p_1", 10, 49, "1x1")]
    [InlineData("p_50", 5, 3, "3x2")]
    [InlineData("p_100", 5, 3, "same")]
    // The middle is cut out, the rest is laid in the middle.
    [InlineData("m_fill,w_100,h_100", 400, 267, "150x100 cut 25,0,100,100")]
    [InlineData("m_fill,w_100,h_100", 267, 400, "100x150 cut 0,25,100,100")]
    [InlineData("m_fill,w_150,h_75", 200, 100, "150x75")]
    [InlineData("m_fill,w_400,h_100", 400, 267, "400x267 cut 0,83,400,100")]
    [InlineData("m_pad,w_150,h_80", 200, 100, "150x75 on 0,2,150,80")]
    [InlineData("m_pad,w_80,h_90", 100, 200, "45x90 on 17,0,80,90")]
    [InlineData("m_pad,w_100,h_50", 200, 100, "100x50")]
    [InlineData("m_pad,w_300,h_300,limit_0", 200, 100, "300x150 on 0,75,300,300")]
    [InlineData("m_pad,w_200,h_300,limit_0", 200, 100, "200x100 on 0,100,200,300")]
    [InlineData("m_fixed,w_200,h_100", 200, 100, "same")]
    // Nothing grows unless it may: a box decides by both sides, the other modes by either.
    [InlineData("w_201,h_101", 200, 100, "same")]
    [InlineData("w_201,h_100", 200, 100, "same")]
    [InlineData("w_400,h_50", 200, 100, "100x50")]
    [InlineData("m_mfit,w_201,h_50", 200, 100, "same")]
    [InlineData("m_fill,w_100,h_101", 200, 100, "same")]
    [InlineData("m_pad,w_100,h_101", 200, 100, "same")]
    [InlineData("m_fixed,w_100,h_101", 200, 100, "same")]
    [InlineData("m_fixed,w_100,h_101,limit_0", 200, 100, "100x101")]
    [InlineData("w_400,h_400,limit_0", 200, 100, "400x200")]
    [InlineData("m_mfit,w_400,h_400,limit_0", 200, 100, "800x400")]
    [InlineData("l_400", 200, 100, "same")]
    [InlineData("l_400,limit_0", 100, 200, "200x400")]
    [InlineData("s_101", 200, 100, "same")]
    // Long and short side by the orientation; one alone makes a square where the mode needs a box.
    [InlineData("l_100", 267, 400, "67x100")]
    [InlineData("s_100", 267, 400, "100x150")]
    [InlineData("l_200,s_50", 267, 400, "50x75")]
    [InlineData("l_50", 100, 100, "50x50")]
    [InlineData("m_fixed,l_90,s_20", 100, 300, "20x90")]
    [InlineData("m_fixed,l_90,s_20", 100, 100, "90x20")]
    [InlineData("m_fixed,l_50", 200, 100, "50x50")]
    [InlineData("m_mfit,h_50", 200, 100, "100x50")]
    // No side is too long to be reckoned with.
    [InlineData("w_16384,limit_0", 1, int.MaxValue, "16384x2147483647")]
    [InlineData("w_16384", int.MaxValue, int.MaxValue, "16384x16384")]
    [InlineData("p_1000", int.MaxValue, 1, "2147483647x10")]
    public void A_resize_of_a_picture_is(string parameters, int width, int height, string expected)
    {
        var resize = (Resize)ProcessString.Parse("image/resize," + parameters).Image!.Actions[0];

        Written(Placement.Of(resize, width, height)).Should().Be(expected == "same" ? $"{width}x{height} same" : expected);
    }

    [Theory]
    [InlineData(10, 50, 50, 100, 100, "10x10")]
    [InlineData(10, 50, 50, 200, 200, "20x20")]
    [InlineData(30, 200, 100, 400, 267, "120x60")]
    [InlineData(100, 20, 10, 400, 267, "20x10 same")]
    [InlineData(1, 20, 10, 20, 20, "1x1")]
    public void A_watermark_s_image_can_be_measured_by_the_main_picture(
        int share, int width, int height, int mainWidth, int mainHeight, string expected)
    {
        var resize = new Resize { PercentOfMain = share };

        Written(Placement.Of(resize, width, height, (mainWidth, mainHeight))).Should().Be(expected);
        FluentActions.Invoking(() => Placement.Of(resize, width, height)).Should().Throw<ArgumentException>();
    }

    [Theory]
    [InlineData("g_nw", 0, 0)]
    [InlineData("g_north", 150, 0)]
    [InlineData("g_ne", 300, 0)]
    [InlineData("g_west", 0, 104)]
    [InlineData("g_center", 150, 104)]
    [InlineData("g_east", 300, 104)]
    [InlineData("g_sw", 0, 207)]
    [InlineData("g_south", 150, 207)]
    [InlineData("g_se", 300, 207)]
    public void A_crop_begins_where_its_gravity_says(string gravity, int left, int top)
    {
        // In the middle 268/2 - 61/2 is 134 - 30: each half is rounded by itself.
        Cut($"w_100,h_61,{gravity}", 400, 268).Should().Be(new Box(left, top, 100, 61));
        Cut($"w_100,h_61,x_7,y_3,{gravity}", 400, 268)
            .Should().Be(new Box(left + 7, top + 3, Math.Min(100, 393 - left), Math.Min(61, 265 - top)));
    }

    [Theory]
    [InlineData("x_399,y_266", 399, 266, 1, 1)]
    [InlineData("w_1000,g_se,x_10", 10, 0, 390, 267)]
    [InlineData("w_1,h_1,g_se", 399, 266, 1, 1)]
    [InlineData("w_999999999,h_0,g_center", 0, 0, 400, 267)]
    public void A_crop_ends_where_the_picture_ends(string parameters, int left, int top, int width, int height) =>
        Cut(parameters, 400, 267).Should().Be(new Box(left, top, width, height));

    [Theory]
    [InlineData("x_400")]
    [InlineData("y_267")]
    [InlineData("w_200,g_se,x_200")]
    [InlineData("x_999999999,y_999999999,g_se,w_1")]
    public void A_crop_that_begins_outside_is_refused(string parameters) =>
        FluentActions.Invoking(() => Cut(parameters, 400, 267)).Should().Throw<ImageException>()
            .Which.Error.Should().Be(ImageError.ProcessRefused);

    [Theory]
    [InlineData(false, 100, 0, 0, 0, 100, 267)]
    [InlineData(false, 150, 2, 300, 0, 100, 267)]
    [InlineData(false, 100, 4, 0, 0, 400, 267)]
    [InlineData(false, 1000, 0, 0, 0, 400, 267)]
    [InlineData(true, 200, 1, 0, 200, 400, 67)]
    [InlineData(true, 999_999_999, 999_999_999, 0, 0, 400, 267)]
    public void A_slice_is_as_long_as_what_is_left(bool vertical, int length, int index, int left, int top, int width, int height) =>
        Placement.Of(new IndexCrop(vertical, length, index), 400, 267).Should().Be(new Box(left, top, width, height));

    [Theory]
    [InlineData(100, 400, 267, 99, 33, 201, 100)]
    [InlineData(133, 400, 267, 66, 0, 267, 133)]
    [InlineData(150, 400, 300, 50, 0, 299, 149)]
    [InlineData(4096, 1, 1, 0, 0, 1, 0)]
    [InlineData(4096, 2, 9, 0, 4, 1, 0)]
    public void A_circle_s_square_never_leaves_the_picture(int asked, int width, int height, int left, int top, int side, int radius) =>
        Placement.Of(new Circle(asked), width, height).Should().Be((new Box(left, top, side, side), radius));

    [Theory]
    [InlineData(30, 30)]
    [InlineData(4096, 133)]
    public void Rounded_corners_end_in_the_middle_of_the_short_side(int asked, int radius) =>
        Placement.Of(new RoundedCorners(asked), 400, 267).Should().Be(radius);

    [Theory]
    [InlineData(Gravity.NorthWest, 7, 9)]
    [InlineData(Gravity.North, 180, 9)]
    [InlineData(Gravity.NorthEast, 353, 9)]
    [InlineData(Gravity.West, 7, 143)]
    [InlineData(Gravity.Center, 180, 143)]
    [InlineData(Gravity.East, 353, 143)]
    [InlineData(Gravity.SouthWest, 7, 271)]
    [InlineData(Gravity.South, 180, 271)]
    [InlineData(Gravity.SouthEast, 353, 271)]
    public void A_mark_keeps_its_distance_from_the_edges_and_the_middle_line(Gravity gravity, int left, int top) =>
        Placement.Of(new Watermark { Text = "a", Gravity = gravity, X = 7, Y = 9, VerticalOffset = 3 }, 40, 20, 400, 300)
            .Should().Be((left, top));

    [Fact]
    public void A_mark_may_reach_over_the_edges()
    {
        Placement.Of(new Watermark { Text = "a" }, 500, 20, 400, 300).Should().Be((-110, 270));
        Placement.Of(new Watermark { Text = "a", X = 4096 }, int.MaxValue, 1, 1, 1).Left.Should().Be(int.MinValue);
    }

    [Theory]
    [InlineData(false, 2, 0, 10, 35, 0)]
    [InlineData(false, 1, 0, 5, 35, 0)]
    [InlineData(false, 0, 0, 0, 35, 0)]
    [InlineData(true, 2, 105, 10, 0, 0)]
    [InlineData(true, 1, 105, 5, 0, 0)]
    public void Image_and_text_of_one_mark_stand_side_by_side(
        bool textFirst, int align, int imageLeft, int imageTop, int textLeft, int textTop)
    {
        var mark = new Watermark { Text = "a", TextFirst = textFirst, Align = align, Interval = 5 };

        Placement.Beside(mark, (30, 20), (100, 30)).Should().Be(
            new MarkPair(135, 30, new Box(imageLeft, imageTop, 30, 20), new Box(textLeft, textTop, 100, 30)));
    }

    private static Box Cut(string parameters, int width, int height) =>
        Placement.Of((Crop)ProcessString.Parse("image/crop," + parameters).Image!.Actions[0], width, height);

    private static string Written(ResizePlan plan) =>
        $"{plan.Width}x{plan.Height}"
        + (plan.Cut is { } cut ? $" cut {cut.Left},{cut.Top},{cut.Width},{cut.Height}" : "")
        + (plan.Canvas is { } canvas ? $" on {canvas.Left},{canvas.Top},{canvas.Width},{canvas.Height}" : "")
        + (plan.Unchanged ? " same" : "");
}
