using OssProxy.Core.Uploads;

namespace OssProxy.Tests.Uploads;

public sealed class UploadFolderSpecs
{
    [Theory]
    [InlineData("chatImgs", "chatImgs")]
    [InlineData("a_b", "a/b")]
    [InlineData("a__b", "a/b")]
    [InlineData("_a_", "a")]
    [InlineData("用户_头像", "用户/头像")]
    [InlineData("v1.2-x", "v1.2-x")]
    public void An_underscore_separates_levels(string text, string path)
    {
        UploadFolder.TryParseRoute(text, out var folder).Should().BeTrue();
        folder!.Path.Should().Be(path);
    }

    [Theory]
    [InlineData("")]
    [InlineData("___")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("a_.._b")]
    [InlineData("....//")]
    [InlineData("../etc")]
    [InlineData("..\\etc")]
    [InlineData("%2e%2e")]
    [InlineData("..%2F..")]
    [InlineData("/etc")]
    [InlineData("C:")]
    [InlineData("a b")]
    [InlineData("a\0b")]
    [InlineData("a\r\nb")]
    [InlineData("name.")]
    [InlineData(".hidden")]
    [InlineData("con")]
    [InlineData("NUL.txt")]
    [InlineData("com1")]
    [InlineData("a_b_c_d_e_f_g_h_i")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345")]
    public void What_is_no_plain_name_is_no_folder(string text) =>
        UploadFolder.TryParseRoute(text, out _).Should().BeFalse();

    [Fact]
    public void A_configured_prefix_keeps_its_underscores()
    {
        UploadFolder.TryParsePrefix("my_app/images", out var folder).Should().BeTrue();
        folder!.Path.Should().Be("my_app/images");
    }
}
