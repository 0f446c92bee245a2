using OssProxy.Core.Oss;
using OssProxy.Core.Sts;

namespace OssProxy.Tests.Sts;

public sealed class StsOptionsSpecs
{
    private static readonly OssOptions Oss = new() { Endpoint = "oss-cn-shanghai-internal.aliyuncs.com", Bucket = "photos" };

    [Fact]
    public void Nothing_needs_to_be_said()
    {
        StsOptionsValidator.Check(new StsOptions(), Oss).Should().BeEmpty();
        StsOptionsValidator.Check(new StsOptions(), oss: null).Should().BeEmpty();
        new StsOptions().IsConfigured.Should().BeFalse();
    }

    [Fact]
    public void A_role_is_enough()
    {
        var options = new StsOptions { RoleArn = StsImitation.Role };
        StsOptionsValidator.Check(options, Oss).Should().BeEmpty();
        options.IsConfigured.Should().BeTrue();
        StsOptionsValidator.AddressOf(options, StsOptionsValidator.RegionOf(Oss)).Should().Be(new Uri("https://sts.cn-shanghai.aliyuncs.com"));
    }

    [Fact]
    public void Every_setting_has_its_form()
    {
        var options = new StsOptions
        {
            RoleArn = "uploader",
            Endpoint = "sts.aliyuncs.com",
            ExternalId = "x",
            SessionName = "a b",
            Signature = (StsSignature)7,
            Duration = TimeSpan.FromMinutes(14),
            Timeout = TimeSpan.Zero,
            AccessKeyId = "i d",
        };
        StsOptionsValidator.Check(options, Oss).Select(m => m.Split(' ')[0]).Should().BeEquivalentTo(
            "Sts:RoleArn", "Sts:Endpoint", "Sts:ExternalId", "Sts:SessionName", "Sts:Signature", "Sts:Duration", "Sts:Timeout",
            "Sts:AccessKeyId", "Sts:AccessKeySecret");
    }

    [Fact]
    public void Who_assumes_a_role_must_name_it() =>
        StsOptionsValidator.Check(new StsOptions(), new OssOptions { Endpoint = Oss.Endpoint, Credentials = OssCredentialsKind.Role })
            .Should().ContainSingle().Which.Should().StartWith("Sts:RoleArn");

    [Fact]
    public void Where_no_region_tells_the_address_it_must_be_said() =>
        StsOptionsValidator.Check(new StsOptions { RoleArn = StsImitation.Role }, new OssOptions { Endpoint = "img.example.com" })
            .Should().ContainSingle().Which.Should().StartWith("Sts:Endpoint");

    [Fact]
    public void Secrets_do_not_print_themselves() =>
        new StsOptions { AccessKeyId = "id", AccessKeySecret = "secret-text" }.ToString().Should().Contain("***").And.NotContain("secret-text");
}
