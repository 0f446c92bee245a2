using OssProxy.Core.Images;
using OssProxy.Core.Rendering;
using static OssProxy.Tests.Rendering.TestEngine;

namespace OssProxy.Tests.Rendering;

/// <summary>Where a GIF ends, and whether it does.</summary>
public sealed class GifBlocksSpecs
{
    private static readonly byte[] Gif = TestPictures.Gif(20, 10, 5, [1, 1, 1], [2, 2, 2]);

    [Fact]
    public void A_file_that_ends_in_the_midst_of_a_part_is_cut_off()
    {
        var ends = Ends();

        ends.Should().HaveCountGreaterThan(3);
        for (var length = 0; length <= Gif.Length; length++)
            GifBlocks.IsCutOff(Gif.AsSpan(0, length)).Should().Be(!ends.Contains(length), length.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void What_stands_behind_the_end_cuts_nothing_off() => GifBlocks.IsCutOff([.. Gif, 0x2C, 0x21, 0xFF]).Should().BeFalse();

    [Fact]
    public void The_engine_takes_no_half_of_an_animation_for_the_whole()
    {
        var last = Gif.Length - 2;

        var refusal = Refusal(Gif[..last], "image/resize,w_10");

        (refusal.Error, refusal.Code).Should().Be((ImageError.ImageDamaged, "ImageDamage"));
        Shared.Render(Job(Gif, "image/resize,w_10")).Frames.Should().Be(2);
    }

    // Behind each part, once there is a picture, and behind the trailer.
    private static List<int> Ends()
    {
        var ends = new List<int>();
        var blocks = new GifBlocks(Gif);
        while (blocks.MoveNext())
        {
            if (blocks.HasImage)
                ends.Add(blocks.At + blocks.Current.Length);
        }

        ends.Add(Gif.Length);
        return ends;
    }
}
