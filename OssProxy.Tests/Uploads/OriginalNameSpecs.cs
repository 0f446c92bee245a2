using OssProxy.Core.FileTypes;
using OssProxy.Core.Uploads;

namespace OssProxy.Tests.Uploads;

public sealed class OriginalNameSpecs
{
    [Theory]
    [InlineData("photo.JPG", "photo.JPG", ".jpg")]
    [InlineData("../../etc/passwd", "passwd", null)]
    [InlineData("C:\\Users\\me\\图片.png", "图片.png", ".png")]
    [InlineData("a\r\nSet-Cookie: x.jpg", "aSet-Cookie: x.jpg", ".jpg")]
    [InlineData("gpj.\u202Eexe", "gpj.exe", ".exe")]
    [InlineData("archive.tar.gz", "archive.tar.gz", ".gz")]
    [InlineData("file-1767600000123", "file-1767600000123", null)]
    [InlineData("x.thisisnotanextensionatall", "x.thisisnotanextensionatall", null)]
    [InlineData("dot.", "dot.", null)]
    [InlineData("😀.webp", "😀.webp", ".webp")]
    public void Only_the_last_segment_and_only_what_can_be_read_remains(string given, string kept, string? extension)
    {
        OriginalName.TryParse(given, out var name).Should().BeTrue();
        name!.Value.Should().Be(kept);
        name.Extension.Should().Be(extension);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("\0\u0007")]
    [InlineData("   ")]
    public void Nothing_readable_is_no_name(string? given) => OriginalName.TryParse(given, out _).Should().BeFalse();

    [Fact]
    public void A_name_is_cut_at_its_limit_and_never_inside_a_character()
    {
        OriginalName.TryParse(new string('a', 119) + "😀😀", out var name).Should().BeTrue();

        name!.Value.Should().Be(new string('a', 119));
    }

    [Fact]
    public void What_a_browser_may_show_has_no_disposition_and_the_rest_is_an_attachment_that_no_name_can_break()
    {
        OriginalName.TryParse("报告 \"1\";\u00e9.pdf", out var name).Should().BeTrue();

        ContentDisposition.For(FileTypeCatalog.Find("jpeg")!, name, always: false, keepName: false).Should().BeNull();
        ContentDisposition.For(FileTypeCatalog.Find("zip")!, null, always: false, keepName: false).Should().Be("attachment");
        ContentDisposition.For(FileTypeCatalog.Find("zip")!, name, always: false, keepName: false)
            .Should().Be("attachment; filename*=UTF-8''%E6%8A%A5%E5%91%8A%20%221%22%3B%C3%A9.pdf");
    }
}
