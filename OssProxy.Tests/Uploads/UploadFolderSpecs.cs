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
    [InlineData("照片照片照片照片照片照片照片照片照片照_照片照片照片照片照片照片照片照片照片照_照片照片照片照片照片照片照片照片照片照")]
    public void What_is_no_plain_name_is_no_folder(string text) =>
        UploadFolder.TryParseRoute(text, out _).Should().BeFalse();

    [Theory]
    [InlineData("图片", true)]
    [InlineData("a/b/c/d/e/f/g/h", true)]
    [InlineData("a/b/c/d/e/f/g/h/i", false)]
    [InlineData(".a", false)]
    [InlineData("a b", false)]
    public void A_configured_prefix_is_what_its_refusal_says_it_may_be(string prefix, bool accepted)
    {
        var answer = new UploadOptionsValidator().Validate(null, new UploadOptions { Prefix = prefix });

        answer.Succeeded.Should().Be(accepted);
        if (!accepted)
            answer.FailureMessage.Should().Contain("Uploads:Prefix").And.Contain("汉字").And.Contain("至多 8 层").And.Contain("不以点开头");
    }

    [Fact]
    public void A_configured_prefix_keeps_its_underscores()
    {
        UploadFolder.TryParsePrefix("my_app/images", out var folder).Should().BeTrue();
        folder!.Path.Should().Be("my_app/images");
    }
}
