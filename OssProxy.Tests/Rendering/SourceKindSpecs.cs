using System.Text;
using OssProxy.Core.Rendering;

namespace OssProxy.Tests.Rendering;

public sealed class SourceKindSpecs
{
    [Theory]
    [InlineData("FFD8FFE000104A46", "jpg")]
    [InlineData("89504E470D0A1A0A0000000D", "png")]
    [InlineData("474946383961", "gif")]
    [InlineData("474946383761", "gif")]
    [InlineData("524946460000000057454250565038200000", "webp")]
    [InlineData("424D36000000", "bmp")]
    [InlineData("49492A0008000000", "tiff")]
    [InlineData("4D4D002A00000008", "tiff")]
    [InlineData("00000018667479706865696300000000", "heic")]
    [InlineData("0000001C667479706D696631000000006D69663168656963", "heic")]
    [InlineData("0000001C667479706D696631000000006D69663161766966", "avif")]
    [InlineData("00000014667479706176697300000000", "avif")]
    public void Each_kind_is_known_by_its_first_bytes(string hex, string word) =>
        SourceKinds.Sniff(Convert.FromHexString(hex))!.Value.Word().Should().Be(word);

    [Theory]
    [InlineData("")]
    [InlineData("hello world, hello world")]
    [InlineData("<svg xmlns=\"http://www.w3.org/2000/svg\"/>")]
    [InlineData("%PDF-1.7 and more than that")]
    [InlineData("P6\n1 1\n255\nabc and more of it")]
    [InlineData("8BPS\0\u0001 and more than that")]
    [InlineData("RIFF0000WAVEfmt 0123456789")]
    [InlineData("\0\0\0\u0018ftypmp42\0\0\0\0mp42isom")]
    [InlineData("\0\0\u0001\0\u0001\0 an icon for windows")]
    [InlineData("#?RADIANCE\nFORMAT=32-bit")]
    public void Nothing_else_reaches_a_decoder(string content) =>
        SourceKinds.Sniff(Encoding.Latin1.GetBytes(content)).Should().BeNull();

    [Fact]
    public void A_box_of_brands_that_lies_about_its_length_is_read_no_further_than_the_file() =>
        SourceKinds.Sniff(Convert.FromHexString("FFFFFFFF667479706D70343200000000")).Should().BeNull();
}
