using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OssProxy.Core;
using OssProxy.Core.Identity;

namespace OssProxy.Tests.Identity;

public sealed class JwtOptionsSpecs
{
    private const string OneThousandBits = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDcfnL/3w554zireEbJdY1xHTIG1S6HGqqIdQsBTb9TZnwXVNbVfIvjZgUt5Fe+LkH36Fjwa6oc"
        + "nqow+/RKuMV8vgZrTEMu4rtagTSeLUOPLZ+2w1cYO1XFdTZOZfj7+HxhqL2bfhvEQTtgHEHCfUzAeD7WvISxQsDN8c+2Q+vHXQIDAQAB";

    private const string OfABank = "MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEVsGg++WL3o4qPU89uqjnusVzAz9hCnkt6Roo7mCHDbz9bJlyRnYtTitXfpRMZB5VfnJeWpC3t/sMX28+oT4fBQ==";

    private const string OfP256 = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEXH8UTNG72bfocs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==";

    public static TheoryData<string, string, string, string> BadKeys => new()
    {
        { "HS256", "", "", "Secret 至少要 16 个字符" },
        { "HS256", "123456", "", "Secret 至少要 16 个字符" },
        { "HS512", "fifteen-letters", "", "Secret 至少要 16 个字符" },
        { "HS256", "-----BEGIN PUBLIC KEY-----MIGf", "", "Secret 不能是 PEM" },
        { "HS256", "a-secret-that-is-long", "x", "PublicKey 必须留空" },
        { "RS256", "a-secret-that-is-long", Pem(OfP256), "Secret 必须留空" },
        { "RS256", "", "", "PublicKey 必须是一个 PEM" },
        { "RS256", "", "/etc/keys/egg.pem", "PublicKey 必须是一个 PEM" },
        { "RS256", "", "-----BEGIN CERTIFICATE-----|MIGf|-----END CERTIFICATE-----", "PublicKey 必须是一个 PEM" },
        { "RS256", "", Pem("AAAA"), "PublicKey 必须是一个 PEM" },
        { "RS256", "", Pem(OfP256), "PublicKey 必须是一个 PEM" },
        { "ES256", "", Pem(OneThousandBits), "PublicKey 必须是一个 PEM" },
        { "ES256", "", Pem(OfP256) + "|" + Pem(OfP256), "PublicKey 必须是一个 PEM" },
        { "ES256", "", "-----BEGIN PRIVATE KEY-----|MIGf|-----END PRIVATE KEY-----", "PublicKey 里是私钥" },
        { "RS256", "", "-----BEGIN RSA PRIVATE KEY-----|MIGf|-----END RSA PRIVATE KEY-----", "PublicKey 里是私钥" },
        { "RS256", "", Pem(OneThousandBits), "PublicKey 的 RSA 密钥至少要 2048 位" },
        { "ES256", "", Pem(OfABank), "PublicKey 的曲线必须是 P-256" },
        { "none", "", "", "Algorithm 只能是" },
        { "hs256", "a-secret-that-is-long", "", "Algorithm 只能是" },
        { "ES384", "", "", "Algorithm 只能是" },
        { "", "a-secret-that-is-long", "", "Algorithm 只能是" },
    };

    [Theory]
    [MemberData(nameof(BadKeys))]
    public void A_key_that_protects_nothing_is_refused_by_its_place_and_without_its_value(string algorithm, string secret, string pem, string fault)
    {
        var good = new JwtKey { Secret = new("a-secret-that-is-long") };
        var bad = new JwtKey { Algorithm = algorithm, Secret = new(secret), PublicKey = pem.Replace('|', '\n') };

        var message = Validate(new JwtOptions { Keys = [good, bad] });

        message.Should().StartWith("Auth:Jwt:Keys:1:" + fault).And.NotContainAny("a-secret", "123456", "fifteen", "MIG", "/etc");
    }

    [Fact]
    public void A_curve_of_another_strength_is_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);

        Validate(new JwtOptions { Keys = [new() { Algorithm = "ES256", PublicKey = key.ExportSubjectPublicKeyInfoPem() }] })
            .Should().StartWith("Auth:Jwt:Keys:0:PublicKey 的曲线");
    }

    [Fact]
    public void Claims_and_times_that_contradict_each_other_are_refused()
    {
        var many = Enumerable.Repeat(new JwtKey { Secret = new("a-secret-that-is-long") }, 17).ToList();

        Validate(new JwtOptions { Keys = many }).Should().StartWith("Auth:Jwt:Keys 最多 16 把");
        Validate(new JwtOptions { ClockSkew = TimeSpan.FromSeconds(-1) }).Should().StartWith("Auth:Jwt:ClockSkew");
        Validate(new JwtOptions { ClockSkew = TimeSpan.FromSeconds(601) }).Should().StartWith("Auth:Jwt:ClockSkew");
        Validate(new JwtOptions { SubjectClaim = "" }).Should().StartWith("Auth:Jwt:SubjectClaim");
        Validate(new JwtOptions { AdminRoles = "admin", RoleClaim = "" }).Should().StartWith("Auth:Jwt:RoleClaim");
        Validate(new JwtOptions { AdminRoles = "admin, visitor" }).Should().StartWith("Auth:Jwt:AdminRoles");
    }

    [Fact]
    public void What_works_passes()
    {
        Validate(new JwtOptions()).Should().BeNull();
        Validate(new JwtOptions
        {
            Keys = [.. JwtIssuer.One.Keys, new() { Algorithm = "HS384", Secret = new("sixteen-letters!") }],
            AdminRoles = "admin",
            ClockSkew = TimeSpan.FromMinutes(10),
        }).Should().BeNull();
    }

    [Fact]
    public void The_settings_are_checked_where_they_are_bound_and_each_key_is_there_once()
    {
        var failing = () => Bind("""{"Auth":{"Jwt":{"Keys":[null,{"Secret":"123456"}]}}}""");
        failing.Should().Throw<OptionsValidationException>().Which.Failures.Should().Contain(fault => fault.StartsWith("Auth:Jwt:Keys:1:Secret"));

        var options = Bind("""{"Auth":{"Jwt":{"Keys":[{"Id":"a","Secret":"$"}]}}}""".Replace("$", JwtIssuer.Secret, StringComparison.Ordinal));
        options.Jwt.Keys.Should().ContainSingle().Which.Should().BeEquivalentTo(
            new { Id = "a", Algorithm = "HS256", Secret = new Secret(JwtIssuer.Secret), PublicKey = "" });
    }

    private static AuthOptions Bind(string json)
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Configuration.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json)));
        builder.Services.AddOssProxy(builder.Configuration);
        using var host = builder.Build();
        return host.Services.GetRequiredService<IOptions<AuthOptions>>().Value;
    }

    private static string Pem(string key) => $"-----BEGIN PUBLIC KEY-----|{key}|-----END PUBLIC KEY-----";

    private static string? Validate(JwtOptions options) => new JwtOptionsValidator().Validate(null, new AuthOptions { Jwt = options }).FailureMessage;
}
