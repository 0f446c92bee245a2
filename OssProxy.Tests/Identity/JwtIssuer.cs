using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using OssProxy.Core.Identity;

namespace OssProxy.Tests.Identity;

/// <summary>Another backend: signs tokens as RFC 7515 says, and whatever an attacker would like to have signed.</summary>
internal sealed class JwtIssuer
{
    public const string Secret = "the-egg-servers-own-secret-of-46-letters-or-so";

    /// <summary>What the chat server signs: a whole row of its table.</summary>
    public const string Row =
        """{"id":7,"uuid":"0b8b6bb5","username":"小李","password":"5f4dcc3b5aa765d61d8327deb882cf99","role":"user","status":1,"iat":1767600000}""";

    private readonly RSA _rsa = RSA.Create(2048);
    private readonly ECDsa _curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public static JwtIssuer One { get; } = new();

    public string RsaPem => _rsa.ExportSubjectPublicKeyInfoPem();

    public string CurvePem => _curve.ExportSubjectPublicKeyInfoPem();

    /// <summary>The three keys, none of which has a name.</summary>
    public JwtKey[] Keys =>
    [
        new() { Secret = new(Secret) },
        new() { Algorithm = "RS256", PublicKey = RsaPem },
        new() { Algorithm = "ES256", PublicKey = CurvePem },
    ];

    public static JwtVerifier Verifier(JwtOptions options, TimeProvider? time = null) =>
        new(Options.Create(new AuthOptions { Jwt = options }), time ?? new Clock());

    public static string Header(string algorithm, string? keyId = null) =>
        keyId is null ? $$"""{"alg":"{{algorithm}}","typ":"JWT"}""" : $$"""{"alg":"{{algorithm}}","typ":"JWT","kid":"{{keyId}}"}""";

    /// <summary>A token with an honest signature of its algorithm.</summary>
    public string Sign(string algorithm, string payload = Row, string? keyId = null) =>
        Seal(Part(Header(algorithm, keyId)), Part(payload), algorithm);

    /// <summary>Signs two parts as they stand, sensible or not.</summary>
    public string Seal(string header, string payload, string algorithm, string secret = Secret)
    {
        var signed = Encoding.ASCII.GetBytes($"{header}.{payload}");
        var key = Encoding.UTF8.GetBytes(secret);
        return $"{header}.{payload}." + Part(algorithm switch
        {
            "HS256" => HMACSHA256.HashData(key, signed),
            "HS384" => HMACSHA384.HashData(key, signed),
            "HS512" => HMACSHA512.HashData(key, signed),
            "RS256" => _rsa.SignData(signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            "PS256" => _rsa.SignData(signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
            "ES256" => _curve.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
            "ES256 in DER" => _curve.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence),
            _ => throw new ArgumentException(algorithm, nameof(algorithm)),
        });
    }

    public static string Part(string text) => Part(Encoding.UTF8.GetBytes(text));

    public static string Part(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <summary>What a token is refused for; null when it is not.</summary>
    public static IdentityError? Refusal(JwtVerifier verifier, string token)
    {
        try
        {
            verifier.Verify(new Secret(token));
            return null;
        }
        catch (IdentityException refused)
        {
            refused.Message.Should().NotContainAny("eyJ", Secret);
            return refused.Error;
        }
    }
}
