using OssProxy.Core.Oss;

namespace OssProxy.Tests.Oss;

public sealed class OssOptionsSpecs
{
    [Fact]
    public void A_usual_configuration_passes() => OssOptionsValidator.Check(Usual()).Should().BeEmpty();

    [Fact]
    public void Defaults_name_every_key_that_is_missing() =>
        OssOptionsValidator.Check(new OssOptions()).Select(m => m.Split(' ')[0])
            .Should().BeEquivalentTo("Oss:Bucket", "Oss:AccessKeyId", "Oss:AccessKeySecret", "Oss:Endpoint");

    [Theory]
    [InlineData("oss-cn-shanghai.aliyuncs.com", "cn-hangzhou", "Oss:Region")]
    [InlineData("oss-accelerate.aliyuncs.com", "", "Oss:Region")]
    [InlineData("img.example.com", "", "Oss:Region")]
    [InlineData("http://127.0.0.1:9100", "", "Oss:Region")]
    [InlineData("oss-cn-hangzhou.aliyuncs.com", "杭州", "Oss:Region")]
    [InlineData("", "", "Oss:Endpoint")]
    [InlineData("https://oss-cn-hangzhou.aliyuncs.com/x", "", "Oss:Endpoint")]
    public void Endpoint_and_region_must_fit(string endpoint, string region, string key)
    {
        var options = Usual();
        options.Endpoint = endpoint;
        options.Region = region;
        OssOptionsValidator.Check(options).Should().ContainSingle().Which.Should().StartWith(key);
    }

    [Theory]
    [InlineData("oss-cn-hangzhou.aliyuncs.com", "oss-cn-hangzhou")]
    [InlineData("oss-cn-hangzhou-internal.aliyuncs.com", "CN-Hangzhou")]
    [InlineData("http://127.0.0.1:9100", "oss-cn-hangzhou")]
    public void A_region_written_the_old_way_is_understood(string endpoint, string region)
    {
        var options = Usual();
        options.Endpoint = endpoint;
        options.Region = region;
        OssOptionsValidator.Check(options).Should().BeEmpty();
    }

    [Fact]
    public void V1_needs_no_region()
    {
        var options = Usual();
        options.Endpoint = "img.example.com";
        options.Signature = OssSignature.V1;
        OssOptionsValidator.Check(options).Should().BeEmpty();
    }

    [Fact]
    public void Path_style_on_a_domain_of_the_service_is_refused()
    {
        var options = Usual();
        options.Addressing = OssAddressing.Path;
        OssOptionsValidator.Check(options).Should().ContainSingle().Which.Should().StartWith("Oss:Addressing");
    }

    [Fact]
    public void Every_number_has_its_range()
    {
        var options = Usual();
        options.Attempts = 0;
        options.ConnectTimeout = TimeSpan.Zero;
        options.IdleTimeout = TimeSpan.FromHours(1);
        options.CompleteTimeout = TimeSpan.FromSeconds(1);
        options.Signature = (OssSignature)7;
        options.Addressing = (OssAddressing)7;
        options.PublicBaseUrl = "img.example.com";
        options.Bucket = "-No";
        OssOptionsValidator.Check(options).Select(m => m.Split(' ')[0]).Should().BeEquivalentTo(
            "Oss:Attempts", "Oss:ConnectTimeout", "Oss:IdleTimeout", "Oss:CompleteTimeout", "Oss:Signature", "Oss:Addressing",
            "Oss:PublicBaseUrl", "Oss:Bucket");
    }

    [Fact]
    public void Temporary_credentials_need_their_token()
    {
        var options = Usual();
        options.AccessKeyId = "STS.abc";
        OssOptionsValidator.Check(options).Should().ContainSingle().Which.Should().StartWith("Oss:SecurityToken");
    }

    [Theory]
    [InlineData(OssCredentialsKind.Key, true)]
    [InlineData(OssCredentialsKind.Role, true)]
    [InlineData(OssCredentialsKind.Ecs, false)]
    [InlineData(OssCredentialsKind.Function, false)]
    public void A_key_is_asked_for_only_where_it_is_used(OssCredentialsKind kind, bool needed)
    {
        var options = Usual();
        (options.Credentials, options.AccessKeyId, options.AccessKeySecret) = (kind, "", "");
        OssOptionsValidator.Check(options).Select(m => m.Split(' ')[0])
            .Should().Equal(needed ? ["Oss:AccessKeyId", "Oss:AccessKeySecret"] : []);
    }

    [Fact]
    public void What_tells_of_a_role_is_looked_at()
    {
        var options = Usual();
        options.Credentials = (OssCredentialsKind)7;
        options.RoleName = "acs:ram::1:role/uploader";
        options.MetadataUrl = "http://100.100.100.200/latest";
        OssOptionsValidator.Check(options).Select(m => m.Split(' ')[0])
            .Should().Equal("Oss:Credentials", "Oss:RoleName", "Oss:MetadataUrl");
    }

    [Fact]
    public void Blanks_around_id_and_secret_are_dropped()
    {
        var options = Usual();
        options.AccessKeyId = " id\n";
        options.AccessKeySecret = "\tsecret ";
        options.AccessKeyId.Should().Be("id");
        options.AccessKeySecret.Should().Be("secret");
        new OssCredentials(" id ", " secret ", "  ").Should().BeEquivalentTo(new { AccessKeyId = "id", AccessKeySecret = "secret", SecurityToken = (string?)null });
    }

    [Fact]
    public void Secrets_do_not_print_themselves()
    {
        var options = Usual();
        options.SecurityToken = "token-text";
        $"{options} {new OssCredentials(options.AccessKeyId, options.AccessKeySecret, options.SecurityToken)}"
            .Should().Contain("***").And.NotContain("secret-text").And.NotContain("token-text");
    }

    private static OssOptions Usual() => new()
    {
        Endpoint = "oss-cn-hangzhou.aliyuncs.com",
        Bucket = "photos",
        AccessKeyId = "id",
        AccessKeySecret = "secret-text",
    };
}
