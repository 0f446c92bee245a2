using OssProxy.Api.Envelope;
using OssProxy.Api.Library;

namespace OssProxy.Tests.Api.Library;

public sealed class ImageLinkSpecs
{
    [Theory]
    [InlineData("https://cdn.example.com/a.png", "image/png")]
    [InlineData("HTTP://cdn.example.com:8080/a.b/c.JPG?x=.html#y", "image/jpeg")]
    [InlineData("https://cdn.example.com/图片/一.webp", "image/webp")]
    [InlineData("https://cdn.example.com/a.jpg!small", "image/jpeg")]
    [InlineData("https://cdn.example.com/render?id=1", "application/octet-stream")]
    [InlineData("https://cdn.example.com", "application/octet-stream")]
    [InlineData("https://cdn.example.com/v1.2/photo", "application/octet-stream")]
    [InlineData("/public/uploads/20260105/1.mp4", "video/mp4")]
    [InlineData("/a@b.png", "image/png")]
    [InlineData("/a%22%27%3C%3E%60%20.png", "image/png")]
    [InlineData("https://cdn.example.com/@2x/a.png", "image/png")]
    public void A_link_is_known_by_its_extension(string text, string type)
    {
        var link = ImageLink.Parse(text);

        link.Url.Should().Be(text);
        link.MediaType.Should().Be(type);
    }

    [Theory]
    [InlineData("a.png")]
    [InlineData("//cdn.example.com/a.png")]
    [InlineData("/\\cdn.example.com/a.png")]
    [InlineData("\\/cdn.example.com/a.png")]
    [InlineData("/\t/cdn.example.com/a.png")]
    [InlineData("/ a.png")]
    [InlineData("/\u00A0a.png")]
    [InlineData("http:/cdn.example.com/a.png")]
    [InlineData("https:cdn.example.com/a.png")]
    [InlineData("https:///a.png")]
    [InlineData("https://user@cdn.example.com/a.png")]
    [InlineData("https://@cdn.example.com/a.png")]
    [InlineData("https://user:pw@cdn.example.com/a.png")]
    [InlineData("https://cdn.example.com:99999/a.png")]
    [InlineData("javascript:alert(1)//a.png")]
    [InlineData("data:image/png;base64,AAAA")]
    [InlineData("ftp://cdn.example.com/a.png")]
    [InlineData("https://cdn.example.com/a.html")]
    [InlineData("https://cdn.example.com/a.h%74ml")]
    [InlineData("https://cdn.example.com/a.svg/")]
    [InlineData("https://cdn.example.com/a.svg;.")]
    [InlineData("/a.js")]
    [InlineData("/a.php!small")]
    [InlineData("/a\"onerror=alert(1).png")]
    [InlineData("/a'onerror=alert(1).png")]
    [InlineData("/a`.png")]
    [InlineData("https://cdn.example.com/a.png?<script>")]
    [InlineData("https://cdn.example.com/a.png#>")]
    [InlineData("https://cdn.example.com/a b.png")]
    public void What_is_no_link_or_would_run_is_refused(string text)
    {
        var parsing = () => ImageLink.Parse(text);

        parsing.Should().Throw<ApiException>().Which.Error.Should().Be(ApiError.FieldInvalid);
    }
}
