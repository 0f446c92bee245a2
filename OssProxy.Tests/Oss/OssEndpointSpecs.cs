using OssProxy.Core.Oss;

namespace OssProxy.Tests.Oss;

public sealed class OssEndpointSpecs
{
    [Theory]
    [InlineData("oss-cn-hangzhou.aliyuncs.com", "https://photos.oss-cn-hangzhou.aliyuncs.com/k", "cn-hangzhou", "https://photos.oss-cn-hangzhou.aliyuncs.com/")]
    [InlineData("http://oss-cn-hangzhou-internal.aliyuncs.com", "http://photos.oss-cn-hangzhou-internal.aliyuncs.com/k", "cn-hangzhou", "https://photos.oss-cn-hangzhou.aliyuncs.com/")]
    [InlineData("vpc100-oss-cn-beijing.aliyuncs.com", "https://photos.vpc100-oss-cn-beijing.aliyuncs.com/k", "cn-beijing", "https://photos.oss-cn-beijing.aliyuncs.com/")]
    [InlineData("cn-shanghai.oss.aliyuncs.com", "https://photos.cn-shanghai.oss.aliyuncs.com/k", "cn-shanghai", "https://photos.cn-shanghai.oss.aliyuncs.com/")]
    [InlineData("oss.aliyuncs.com", "https://photos.oss.aliyuncs.com/k", "cn-hangzhou", "https://photos.oss.aliyuncs.com/")]
    [InlineData("oss-accelerate.aliyuncs.com", "https://photos.oss-accelerate.aliyuncs.com/k", null, "https://photos.oss-accelerate.aliyuncs.com/")]
    [InlineData("oss-accelerate-overseas.aliyuncs.com", "https://photos.oss-accelerate-overseas.aliyuncs.com/k", null, "https://photos.oss-accelerate-overseas.aliyuncs.com/")]
    [InlineData("oss-ap-southeast-1.aliyuncs.com:443", "https://photos.oss-ap-southeast-1.aliyuncs.com/k", "ap-southeast-1", "https://photos.oss-ap-southeast-1.aliyuncs.com/")]
    [InlineData("img.example.com", "https://img.example.com/k", null, "https://img.example.com/")]
    [InlineData("图片.example.com", "https://xn--wcsw84d.example.com/k", null, "https://xn--wcsw84d.example.com/")]
    [InlineData("http://127.0.0.1:9100", "http://127.0.0.1:9100/photos/k", null, "http://127.0.0.1:9100/photos/")]
    [InlineData("127.0.0.1:9100", "http://127.0.0.1:9100/photos/k", null, "http://127.0.0.1:9100/photos/")]
    [InlineData("127.0.0.1", "http://127.0.0.1/photos/k", null, "http://127.0.0.1/photos/")]
    [InlineData("[::1]:9100", "http://[::1]:9100/photos/k", null, "http://[::1]:9100/photos/")]
    [InlineData("localhost:9100", "http://localhost:9100/photos/k", null, "http://localhost:9100/photos/")]
    [InlineData("https://store.internal:9443", "https://store.internal:9443/photos/k", null, "https://store.internal:9443/photos/")]
    public void An_endpoint_tells_style_scheme_region_and_public_address(string text, string url, string? region, string publicBase)
    {
        OssEndpoint.TryParse(text, "photos", OssAddressing.Auto, out var endpoint, out _).Should().BeTrue();
        endpoint!.UriFor("k", []).OriginalString.Should().Be(url);
        endpoint.Region.Should().Be(region);
        endpoint.PublicBaseUrl.Should().Be(publicBase);
    }

    [Theory]
    [InlineData("http://localhost:9100", OssAddressing.Virtual, "http://photos.localhost:9100/k")]
    [InlineData("img.example.com", OssAddressing.Virtual, "https://photos.img.example.com/k")]
    [InlineData("img.example.com", OssAddressing.Path, "https://img.example.com/photos/k")]
    [InlineData("http://img.example.com:8080", OssAddressing.Cname, "http://img.example.com:8080/k")]
    public void A_style_that_is_set_is_taken(string text, OssAddressing addressing, string url)
    {
        OssEndpoint.TryParse(text, "photos", addressing, out var endpoint, out _).Should().BeTrue();
        endpoint!.UriFor("k", []).OriginalString.Should().Be(url);
    }

    [Theory]
    [InlineData("ftp://oss-cn-hangzhou.aliyuncs.com")]
    [InlineData("https://oss-cn-hangzhou.aliyuncs.com/photos")]
    [InlineData("https://oss-cn-hangzhou.aliyuncs.com?x=1")]
    [InlineData("https://id:secret@oss-cn-hangzhou.aliyuncs.com")]
    [InlineData("photos.oss-cn-hangzhou.aliyuncs.com")]
    [InlineData("not a host")]
    public void What_is_no_endpoint_is_refused_with_a_reason(string text)
    {
        OssEndpoint.TryParse(text, "photos", OssAddressing.Auto, out _, out var fault).Should().BeFalse();
        fault.Should().NotBeNullOrEmpty().And.NotContain("secret");
    }
}
