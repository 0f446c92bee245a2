using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using OssProxy.Core.Derivatives;
using OssProxy.Core.Oss;

namespace OssProxy.Tests.Derivatives;

public sealed class ImageOptionsSpecs
{
    [Fact]
    public void The_defaults_are_good_and_print_no_secret()
    {
        Faults([]).Should().BeEmpty();
        new ImageOptions { AccessKeySecret = "very-secret" }.ToString().Should().NotContain("very-secret");
    }

    [Theory]
    [InlineData("Bucket", "A_B", "Images:Bucket")]
    [InlineData("Bucket", "originals", "Images:Bucket")]
    [InlineData("Prefix", "", "Images:Prefix")]
    [InlineData("Prefix", "a//b", "Images:Prefix")]
    [InlineData("Prefix", "../a", "Images:Prefix")]
    [InlineData("PublicBaseUrl", "img.example.com", "Images:PublicBaseUrl")]
    [InlineData("StyleSeparators", "!!", "Images:StyleSeparators")]
    [InlineData("StyleSeparators", "@", "Images:StyleSeparators")]
    [InlineData("CacheControl", "", "Images:CacheControl")]
    [InlineData("CacheControl", "public\r\nX: y", "Images:CacheControl")]
    [InlineData("AccessKeyId", "id", "Images:AccessKeySecret")]
    [InlineData("PerClient", "0", "Images:PerClient")]
    [InlineData("SourceMemory", "02:00:00", "Images:SourceMemory")]
    [InlineData("CacheBytes", "-1", "Images:CacheBytes")]
    [InlineData("SourceBytesInFlight", "1", "Images:SourceBytesInFlight")]
    [InlineData("MaxStyles", "0", "Images:MaxStyles")]
    [InlineData("Allowed", "image/explode", "Images:Allowed")]
    [InlineData("Allowed", "style/thumb", "Images:Allowed")]
    [InlineData("DefaultStyle", "a b", "Images:DefaultStyle")]
    [InlineData("Styles:a*b", "image/resize,w_1", "Images:Styles:a*b")]
    [InlineData("Styles:thumb", "image/resize", "Images:Styles:thumb")]
    [InlineData("StyleAccept:thumb", "webp", "Images:StyleAccept:thumb")]
    public void What_cannot_work_is_named_by_its_key(string key, string value, string named) =>
        Faults([KeyValuePair.Create(key, value)]).Should().ContainSingle().Which.Should().Contain(named);

    [Fact]
    public void A_bucket_of_results_needs_an_endpoint_that_leads_to_it() =>
        Faults([KeyValuePair.Create("Bucket", "results")], "img.example.com").Should().ContainSingle().Which.Should().Contain("Images:Bucket");

    private static IEnumerable<string> Faults(IEnumerable<KeyValuePair<string, string>> settings, string endpoint = "oss-cn-hangzhou.aliyuncs.com")
    {
        var options = new ImageOptions();
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value))).Build().Bind(options);
        var oss = new ConfigureOptions<OssOptions>(store => (store.Endpoint, store.Bucket) = (endpoint, "originals"));
        return new ImageOptionsValidator([oss]).Validate(null, options).Failures ?? [];
    }
}
