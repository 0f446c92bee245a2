using System.Text;
using OssProxy.Core.FileTypes;

namespace OssProxy.Tests.FileTypes;

public class PlainTextSpecs
{
    [Theory]
    [InlineData(".txt")]
    [InlineData(".CSV")]
    [InlineData(".md")]
    [InlineData(".log")]
    public void Text_under_a_name_that_promises_text_is_text(string extension)
    {
        var answer = Sample.Identify("name,count\napple,3\n", extension);

        answer.ShouldBe("txt");
        answer.Type!.ExtensionFor(extension).Should().Be(extension.ToLowerInvariant());
    }

    [Fact]
    public void Text_without_a_name_must_be_long_enough()
    {
        Sample.Identify("A line of prose that is long enough.").ShouldBe("txt");
        Sample.Identify("short").ShouldBeRefused(RefusalReason.Unknown);
        Sample.Identify("a", ".txt").ShouldBe("txt");
    }

    [Theory]
    [InlineData(".png")]
    [InlineData(".mp4")]
    [InlineData(".json")]
    [InlineData(".exe")]
    [InlineData(".任何")]
    public void Text_under_any_other_name_is_refused(string extension) =>
        Sample.Identify("A line of prose that is long enough.", extension).ShouldBeRefused(RefusalReason.NameMismatch, "text");

    [Theory]
    [InlineData("00")]
    [InlineData("07")]
    [InlineData("0B")]
    [InlineData("1A")]
    [InlineData("1B")]
    [InlineData("7F")]
    public void A_control_character_makes_it_no_text(string hex)
    {
        byte[] file = [.. "A line of prose "u8, .. Convert.FromHexString(hex), .. " and more of it."u8];

        Sample.Identify(file, ".txt").ShouldBeRefused(RefusalReason.Unknown, "unknown");
    }

    [Theory]
    [InlineData("GIF89a and more text than a screen descriptor has")]
    [InlineData("OggS and then prose that goes on and on")]
    [InlineData("RIFF and then prose that goes on and on")]
    [InlineData("%PDF and then prose that goes on and on")]
    public void Text_that_begins_like_a_binary_format_is_refused(string text) =>
        Sample.Identify(text, ".txt").IsAccepted.Should().BeFalse();

    [Theory]
    [InlineData("E4 B8 AD E6 96", true, false)] // 中, then two bytes of three
    [InlineData("E4 B8 AD E6 96", false, true)]
    [InlineData("D6 D0 CE", true, false)] // 中 in GBK, then one byte of two
    [InlineData("D6 D0 CE", false, true)]
    [InlineData("FF FE 2D 4E 87", true, false)] // 中 in UTF-16, then one byte of two
    [InlineData("FF FE 2D 4E 87", false, true)]
    [InlineData("FF FE 3D D8", true, false)] // half of a surrogate pair
    [InlineData("FF FE 3D D8", false, true)]
    [InlineData("FF FE 00 DC 41 00", false, false)] // the other half first
    [InlineData("C0 AF 2E C0 AE C0", true, false)] // overlong UTF-8, and no GBK either
    [InlineData("81 30 81 30 CE C4", true, true)] // GB 18030 in four bytes, then 文
    [InlineData("81 30 81", true, false)]
    [InlineData("63 61 66 E9 20 6E 6F 69 72", true, false)] // Latin-1 is no encoding of ours
    [InlineData("FF FE 00 00 41 00 00 00", true, false)] // UTF-32
    public void A_character_may_be_cut_only_by_the_end_of_the_head(string hex, bool isWhole, bool accepted) =>
        FileTypeCatalog.Identify(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), isWhole, ".txt")
            .IsAccepted.Should().Be(accepted);

    [Fact]
    public void Long_text_is_text_wherever_the_head_cuts_it()
    {
        foreach (var shift in (int[])[0, 1, 2])
        {
            var text = Encoding.UTF8.GetBytes(new string('a', shift) + string.Concat(Enumerable.Repeat("上传一个文件", 1000)));
            Sample.Identify(text, ".txt").ShouldBe("txt");
        }
    }

    [Fact]
    public void Noise_is_no_text()
    {
        var noise = new byte[4096];
        new Random(42).NextBytes(noise);

        Sample.Identify(noise, ".txt").ShouldBeRefused(RefusalReason.Unknown, "unknown");
    }
}
