using System.Security.Cryptography;
using OssProxy.Core.Identity;

namespace OssProxy.Tests.Identity;

public sealed class MiniappOptionsSpecs
{
    private static readonly RSA Own = RSA.Create(2048);
    private static readonly RSA Alipays = RSA.Create(2048);
    private static readonly RSA Weak = RSA.Create(1024);

    [Fact]
    public void Keys_are_read_in_every_form_in_which_operators_have_them()
    {
        string[] privates =
        [
            Own.ExportPkcs8PrivateKeyPem(), Own.ExportRSAPrivateKeyPem(), Convert.ToBase64String(Own.ExportPkcs8PrivateKey()),
            Convert.ToBase64String(Own.ExportRSAPrivateKey(), Base64FormattingOptions.InsertLineBreaks),
        ];
        string[] publics =
        [
            Alipays.ExportSubjectPublicKeyInfoPem(), Alipays.ExportRSAPublicKeyPem(),
            Convert.ToBase64String(Alipays.ExportSubjectPublicKeyInfo()), Convert.ToBase64String(Alipays.ExportRSAPublicKey()),
        ];

        foreach (var (one, other) in privates.Zip(publics))
            Faults(Alipay(one, other)).Should().BeEmpty();
    }

    [Fact]
    public void What_cannot_work_is_named_by_its_key()
    {
        Faults(new MiniappEntry { Provider = "baidu", AppId = "x" }).Should().ContainSingle().Which.Should().Contain("Miniapps:Apps:0:Provider");
        Faults(Wechat(appId: "")).Should().ContainSingle().Which.Should().Contain("Miniapps:Apps:0:AppId");
        Faults(Wechat(secret: "")).Should().ContainSingle().Which.Should().Contain("Miniapps:Apps:0:Secret");
        Faults(Wechat(secret: "a secret with blanks")).Should().ContainSingle().Which.Should().Contain("Secret").And.NotContain("a secret with blanks");
        Faults(Wechat("wx1"), Wechat("wx2"), Wechat("wx1")).Should().ContainSingle().Which.Should().Contain("Miniapps:Apps:2");
        foreach (var address in new[] { "api.weixin.qq.com", "/sns", "ftp://a", "file:///etc/passwd", "http://u:p@a", "http://a/?b", "http://a/#b" })
            Faults(Wechat(baseUrl: address)).Should().ContainSingle(address).Which.Should().Contain("Miniapps:Apps:0:BaseUrl");
        foreach (var (seconds, isGood) in new[] { (0.999, false), (1, true), (60, true), (60.001, false) })
        {
            new MiniappOptionsValidator().Validate(null, new MiniappOptions { Timeout = TimeSpan.FromSeconds(seconds) }).Succeeded
                .Should().Be(isGood, $"{seconds} s");
        }
    }

    [Fact]
    public void Keys_that_are_none_or_too_short_or_each_others_are_refused_and_not_repeated()
    {
        var (good, goodPublic) = (Own.ExportPkcs8PrivateKeyPem(), Alipays.ExportSubjectPublicKeyInfoPem());

        Faults(Alipay("", "")).Should().HaveCount(2);
        Faults(Alipay("-----BEGIN PRIVATE KEY-----\nQUJD\n-----END PRIVATE KEY-----", goodPublic)).Should().ContainSingle().Which.Should().Contain("PrivateKey");
        Faults(Alipay(Own.ExportSubjectPublicKeyInfoPem(), goodPublic)).Should().ContainSingle().Which.Should().Contain("PrivateKey");
        Faults(Alipay(good, "QUJD")).Should().ContainSingle().Which.Should().Contain("PublicKey");
        Faults(Alipay(good, Own.ExportSubjectPublicKeyInfoPem())).Should().ContainSingle().Which.Should().Contain("应用自己的公钥");
        Faults(Alipay(Weak.ExportPkcs8PrivateKeyPem(), Convert.ToBase64String(Alipays.ExportSubjectPublicKeyInfo())))
            .Should().ContainSingle().Which.Should().Contain("PrivateKey").And.Contain("2048");
        var told = Faults(Alipay(Convert.ToBase64String(Weak.ExportPkcs8PrivateKey()), Weak.ExportSubjectPublicKeyInfoPem()));
        told.Should().HaveCount(3).And.NotContain(fault => fault.Contains("MII", StringComparison.Ordinal));
    }

    private static string[] Faults(params MiniappEntry[] apps)
    {
        var result = new MiniappOptionsValidator().Validate(null, new MiniappOptions { Apps = apps });
        return [.. result.Failures ?? []];
    }

    private static MiniappEntry Wechat(string appId = "wx1", string secret = "secret", string baseUrl = "") =>
        new() { Provider = "wechat", AppId = appId, Secret = new(secret), BaseUrl = baseUrl };

    private static MiniappEntry Alipay(string privateKey, string publicKey) =>
        new() { Provider = "alipay", AppId = "2021", PrivateKey = new(privateKey), PublicKey = publicKey };
}
