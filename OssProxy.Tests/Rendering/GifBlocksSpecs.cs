using OssProxy.Core.Images;
using OssProxy.Core.Rendering;
using static OssProxy.Tests.Rendering.TestEngine;

namespace OssProxy.Tests.Rendering;

/// <summary>Where a GIF ends, and whether it does.</summary>
public sealed class GifBlocksSpecs
{
    private static readonly byte[] Gif = TestPictures.Gif(20, 10, 5, [1, 1, 1], [2, 2, 2]);

    [Fact]
    public void A_file_that_ends_in_the_midst_of_a_picture_is_cut_off()
    {
        var pictures = Pictures();

        pictures.Should().HaveCount(2);
        for (var length = 0; length <= Gif.Length; length++)
        {
            var isCutOff = length < pictures[0].End || pictures.Any(one => length > one.Start && length < one.End);
            GifBlocks.IsCutOff(Gif.AsSpan(0, length)).Should().Be(isCutOff, length.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public void A_writer_that_forgets_the_empty_block_before_the_end_is_forgiven()
    {
        var last = Pictures()[^1];

        GifBlocks.IsCutOff([.. Gif[..(last.End - 1)], GifBlocks.Trailer]).Should().BeFalse();
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

    private static List<(int Start, int End)> Pictures()
    {
        var pictures = new List<(int, int)>();
        var blocks = new GifBlocks(Gif);
        while (blocks.MoveNext())
        {
            if (blocks.Current[0] == 0x2C)
                pictures.Add((blocks.At, blocks.At + blocks.Current.Length));
        }

        return pictures;
    }
}
