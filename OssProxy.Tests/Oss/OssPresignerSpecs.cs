using OssProxy.Core.Oss;
using OssProxy.Core.Storage;

namespace OssProxy.Tests.Oss;

public sealed class OssPresignerSpecs
{
    private static readonly ObjectKey Key = ObjectKey.Parse("images/a b+c.jpg");

    [Fact]
    public async Task A_V4_URL_begins_with_the_object_and_ends_with_the_signature()
    {
        var terms = new OssUrlTerms
        {
            Headers = [KeyValuePair.Create("Content-Length", "5")],
            Query = [KeyValuePair.Create("versionId", "v1")],
            BoundHeaders = ["content-length"],
        };
        var url = await new OssPresigner(Options(), new Clock(new DateTimeOffset(2026, 3, 4, 8, 9, 10, TimeSpan.Zero)))
            .SignAsync(HttpMethod.Put, Key, TimeSpan.FromHours(1), terms, CancellationToken.None);

        url.OriginalString.Should().MatchRegex(
            @"^https://photos\.oss-cn-hangzhou\.aliyuncs\.com/images/a%20b%2Bc\.jpg\?versionId=v1&x-oss-signature-version=OSS4-HMAC-SHA256"
            + @"&x-oss-date=20260304T080910Z&x-oss-expires=3600&x-oss-credential=id%2F20260304%2Fcn-hangzhou%2Foss%2Faliyun_v4_request"
            + @"&x-oss-additional-headers=content-length&x-oss-signature=[0-9a-f]{64}$");
    }

    [Theory]
    [InlineData(OssSignature.V4, 0.5, false)]
    [InlineData(OssSignature.V4, 1, true)]
    [InlineData(OssSignature.V4, 604800, true)]
    [InlineData(OssSignature.V4, 604801, false)]
    [InlineData(OssSignature.V1, 604801, true)]
    public async Task A_lifetime_has_its_range(OssSignature signature, double seconds, bool allowed)
    {
        var options = Options();
        options.Signature = signature;
        var sign = async () => await new OssPresigner(options, TimeProvider.System).SignAsync(
            HttpMethod.Get, Key, TimeSpan.FromSeconds(seconds), terms: null, CancellationToken.None);

        if (allowed)
            await sign.Should().NotThrowAsync();
        else
            await sign.Should().ThrowAsync<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Options_that_cannot_work_are_refused_with_the_key()
    {
        var options = Options();
        options.Bucket = "";
        var make = () => new OssPresigner(options, TimeProvider.System);

        make.Should().Throw<ArgumentException>().WithMessage("Oss:Bucket*");
    }

    private static OssOptions Options() => new()
    {
        Endpoint = "oss-cn-hangzhou.aliyuncs.com",
        Bucket = "photos",
        AccessKeyId = "id",
        AccessKeySecret = "secret",
    };
}
