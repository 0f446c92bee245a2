using OssProxy.Core.Rendering;

namespace OssProxy.Tests.Rendering;

public sealed class ShapeSpecs
{
    [Fact]
    public void A_circle_is_full_inside_empty_outside_and_smooth_between()
    {
        var mask = Masks.Circle(21, 10);

        At(mask, 10, 10).Should().Be(255);
        At(mask, 0, 0).Should().Be(0);
        At(mask, 10, 0).Should().BeGreaterThan(200, "the middle of an edge belongs to the disc");
        mask.Pixels.Should().Contain(value => value > 0 && value < 255);
    }

    [Fact]
    public void A_circle_is_the_same_from_every_side()
    {
        var mask = Masks.Circle(33, 16);
        for (var y = 0; y < 33; y++)
        {
            for (var x = 0; x < 33; x++)
            {
                At(mask, x, y).Should().Be(At(mask, 32 - x, y));
                At(mask, x, y).Should().Be(At(mask, y, x));
            }
        }
    }

    [Fact]
    public void Corners_are_rounded_and_nothing_else()
    {
        var mask = Masks.RoundedCorners(40, 30, 8);

        foreach (var (x, y) in ((int, int)[])[(0, 0), (39, 0), (0, 29), (39, 29)])
            At(mask, x, y).Should().Be(0);
        foreach (var (x, y) in ((int, int)[])[(8, 0), (0, 8), (31, 29), (39, 21), (20, 15), (4, 4)])
            At(mask, x, y).Should().Be(255);
    }

    [Fact]
    public void The_main_colour_is_that_of_what_differs_from_the_mean()
    {
        MainColour.Of([255, 0, 0, 255, 0, 0], 3).Should().Be(((byte)255, (byte)0, (byte)0));
        MainColour.Of([.. new byte[27], 255, 255, 255], 3).Should().Be(((byte)255, (byte)255, (byte)255));
        MainColour.Of([0, 0, 255, 255, 255, 0, 0, 0], 4).Should().Be(((byte)0, (byte)0, (byte)255), "what is transparent does not count");
    }

    private static byte At(Mask mask, int x, int y) => mask.Pixels[(y * mask.Width) + x];
}
