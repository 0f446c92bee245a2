using OssProxy.Core.Identity;

namespace OssProxy.Tests.Identity;

/// <summary>Tokens that somebody would like to be good. Those with an honest signature show that the form alone is reason enough.</summary>
public sealed class JwtAttackSpecs
{
    private static readonly JwtIssuer Issuer = JwtIssuer.One;

    // 45 bytes, which Base64 writes without padding and without spare bits.
    private const string Payload = """{"id":7,"username":"some body","role":"user"}""";

    private static readonly Dictionary<string, Func<string>> Attacks = new(StringComparer.Ordinal)
    {
        ["signature of another algorithm's strength"] = () => Issuer.Seal(Part(JwtIssuer.Header("HS512")), Part(Payload), "HS256"),
        ["HS256 key used for HS512"] = () => Issuer.Sign("HS512", Payload),
        ["HS256 over the RSA key's PEM"] = () => Issuer.Seal(Part(JwtIssuer.Header("HS256")), Part(Payload), "HS256", Issuer.RsaPem),
        ["HS256 over the RSA key's PEM and a line's end"] =
            () => Issuer.Seal(Part(JwtIssuer.Header("HS256")), Part(Payload), "HS256", Issuer.RsaPem + "\n"),
        ["HS256 over the curve's PEM"] = () => Issuer.Seal(Part(JwtIssuer.Header("HS256")), Part(Payload), "HS256", Issuer.CurvePem),
        ["HS256 over nothing"] = () => Issuer.Seal(Part(JwtIssuer.Header("HS256")), Part(Payload), "HS256", ""),
        ["HS256 called RS256"] = () => Issuer.Seal(Part(JwtIssuer.Header("RS256")), Part(Payload), "HS256"),
        ["RS256 called HS256"] = () => Issuer.Seal(Part(JwtIssuer.Header("HS256")), Part(Payload), "RS256"),
        ["RS256 called ES256"] = () => Issuer.Seal(Part(JwtIssuer.Header("ES256")), Part(Payload), "RS256"),
        ["PSS called RS256"] = () => Issuer.Seal(Part(JwtIssuer.Header("RS256")), Part(Payload), "PS256"),
        ["PS256"] = () => Issuer.Seal(Part(JwtIssuer.Header("PS256")), Part(Payload), "PS256"),
        ["ES256 in DER"] = () => Issuer.Seal(Part(JwtIssuer.Header("ES256")), Part(Payload), "ES256 in DER"),
        ["ES256 of zeros"] = () => $"{Part(JwtIssuer.Header("ES256"))}.{Part(Payload)}.{JwtIssuer.Part(new byte[64])}",
        ["RS256 of zeros"] = () => $"{Part(JwtIssuer.Header("RS256"))}.{Part(Payload)}.{JwtIssuer.Part(new byte[256])}",
        ["another payload"] = () => Issuer.Sign("HS256", Payload).Replace(Part(Payload), Part(Payload.Replace('7', '1')), StringComparison.Ordinal),
        ["no signature"] = () => Issuer.Sign("HS256", Payload)[..^43],
        ["no third part"] = () => Issuer.Sign("HS256", Payload)[..^44],
        ["a fourth part"] = () => Issuer.Sign("HS256", Payload) + ".",
        ["another first part"] = () => "." + Issuer.Sign("HS256", Payload),
        ["nothing but dots"] = () => "..",
        ["padding behind the signature"] = () => Issuer.Sign("HS256", Payload) + "=",
        ["white space behind the signature"] = () => Issuer.Sign("HS256", Payload) + "\n",
        ["spare bits in the signature"] = () => WithSpareBits(Issuer.Sign("HS256", Payload)),
        ["padding in the payload"] = () => Issuer.Seal(Part(JwtIssuer.Header("HS256")), Part(Payload + "  ") + "=", "HS256"),
        ["white space in the payload"] = () => Issuer.Seal(Part(JwtIssuer.Header("HS256")), Part(Payload).Insert(4, " "), "HS256"),
        ["spare bits in the payload"] = () => Issuer.Seal(Part(JwtIssuer.Header("HS256")), WithSpareBits(Part(Payload + "  ")), "HS256"),
        ["spare bits in the header"] = () => Issuer.Seal(WithSpareBits(Part(JwtIssuer.Header("HS256") + " ")), Part(Payload), "HS256"),
        ["the other Base64"] = () => Issuer.Seal(Part(JwtIssuer.Header("HS256")), Part("""{"id":7,"username":"~~~???"}""").Replace('_', '/').Replace('-', '+'), "HS256"),
        ["a header that says it twice"] = () => Headed("""{"alg":"none","alg":"HS256"}"""),
        ["a header that says it twice, once in escapes"] = () => Headed("""{"alg":"HS256","\u0061lg":"HS256"}"""),
        ["a header without an algorithm"] = () => Headed("""{"typ":"JWT"}"""),
        ["an algorithm that is no text"] = () => Headed("""{"alg":["HS256"]}"""),
        ["a key's name that is no text"] = () => Headed("""{"alg":"HS256","kid":0}"""),
        ["a key's name that is a path"] = () => Headed("""{"alg":"HS256","kid":"../../dev/null"}"""),
        ["crit"] = () => Headed("""{"alg":"HS256","crit":["exp"]}"""),
        ["an empty crit"] = () => Headed("""{"alg":"HS256","crit":[]}"""),
        ["b64"] = () => Headed("""{"alg":"HS256","b64":true}"""),
        ["zip"] = () => Headed("""{"alg":"HS256","zip":"DEF"}"""),
        ["another purpose"] = () => Headed("""{"alg":"HS256","typ":"logout+jwt"}"""),
        ["a header that is a list"] = () => Headed("""["HS256"]"""),
        ["a header with a comment"] = () => Headed("""{"alg":"HS256"/**/}"""),
        ["a header behind a byte order mark"] = () => Headed("\uFEFF" + JwtIssuer.Header("HS256")),
        ["half a surrogate pair in the header"] = () => Headed("""{"alg":"HS256","\ud800":1,"kid\udc00":2}"""),
        ["a payload that says it twice"] = () => Issuer.Sign("HS256", """{"id":7,"id":1}"""),
        ["a payload that says something inside twice"] = () => Issuer.Sign("HS256", """{"id":7,"a":[{"b":1,"b":2}]}"""),
        ["a payload that is a list"] = () => Issuer.Sign("HS256", """[{"id":7}]"""),
        ["a payload that is a text"] = () => Issuer.Sign("HS256", "\"7\""),
        ["an empty payload"] = () => Issuer.Sign("HS256", ""),
        ["a payload with an afterthought"] = () => Issuer.Sign("HS256", """{"id":7}{"id":1}"""),
        ["a payload with a comma too many"] = () => Issuer.Sign("HS256", """{"id":7,}"""),
        ["a deep payload"] = () => Issuer.Sign("HS256", $$"""{"id":7,"a":{{new string('[', 16)}}{{new string(']', 16)}}}"""),
        ["a bottomless payload"] = () => Issuer.Sign("HS256", $$"""{"id":7,"a":{{new string('[', 5000)}}"""),
        ["invalid UTF-8"] = () => Issuer.Seal(Part(JwtIssuer.Header("HS256")), JwtIssuer.Part([.. "{\"id\":7,\"a\":\""u8, 0xC0, 0xAF, .. "\"}"u8]), "HS256"),
        ["half a surrogate pair where nobody looks"] = () => Issuer.Sign("HS256", """{"id":7,"a":["\ud83d"]}"""),
    };

    public static TheoryData<string> AttackNames => [.. Attacks.Keys];

    [Theory]
    [MemberData(nameof(AttackNames))]
    public void An_attack_is_refused(string attack) =>
        JwtIssuer.Refusal(Everything(), Attacks[attack]()).Should().Be(IdentityError.TokenInvalid);

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("NONE")]
    [InlineData("nOnE")]
    [InlineData("")]
    [InlineData(" none")]
    [InlineData("hs256")]
    [InlineData("HS256 ")]
    [InlineData("Rs256")]
    [InlineData("ES256K")]
    [InlineData("EdDSA")]
    public void An_algorithm_that_no_key_has_is_refused_signed_or_not(string algorithm)
    {
        var (header, payload) = (Part(JwtIssuer.Header(algorithm)), Part(Payload));

        JwtIssuer.Refusal(Everything(), $"{header}.{payload}.").Should().Be(IdentityError.TokenInvalid);
        foreach (var how in new[] { "HS256", "RS256", "ES256" })
            JwtIssuer.Refusal(Everything(), Issuer.Seal(header, payload, how)).Should().Be(IdentityError.TokenInvalid);
    }

    [Theory]
    [InlineData("HS256")]
    [InlineData("RS256")]
    [InlineData("ES256")]
    public void An_honest_token_is_good_until_its_signature_is_shorter_or_longer_or_another(string algorithm)
    {
        var token = Issuer.Sign(algorithm, Payload);
        var parts = token.Split('.');
        var signature = Convert.FromBase64String(parts[2].Replace('-', '+').Replace('_', '/').PadRight((parts[2].Length + 3) / 4 * 4, '='));

        JwtIssuer.Refusal(Everything(), token).Should().BeNull();
        foreach (var bad in new[] { signature[1..], signature[..^1], [.. signature, 0], [0, .. signature], [.. signature[..^1], (byte)(signature[^1] ^ 1)] })
            JwtIssuer.Refusal(Everything(), $"{parts[0]}.{parts[1]}.{JwtIssuer.Part(bad)}").Should().Be(IdentityError.TokenInvalid);
    }

    [Theory]
    [InlineData("""{"alg":"HS256"}""")]
    [InlineData("""{"typ":"jwt","alg":"HS256"}""")]
    [InlineData("""{ "typ" : "at+jwt", "alg" : "HS256", "jku" : "https://attacker.example/keys", "jwk" : {"kty":"oct","k":"AA"} }""")]
    public void A_header_may_be_written_otherwise_and_keys_that_it_brings_along_are_not_looked_at(string header) =>
        JwtIssuer.Refusal(Everything(), Headed(header)).Should().BeNull();

    [Fact]
    public void Claims_are_not_looked_at_before_the_signature()
    {
        foreach (var claims in new[] { """{"id":7,"exp":1}""", """{"id":7,"status":0}""" })
        {
            JwtIssuer.Refusal(Everything(), Issuer.Sign("HS256", claims)).Should().NotBe(IdentityError.TokenInvalid);
            JwtIssuer.Refusal(Everything(), Issuer.Seal(Part(JwtIssuer.Header("HS256")), Part(claims), "HS256", "not-the-secret-of-anybody"))
                .Should().Be(IdentityError.TokenInvalid);
        }
    }

    [Fact]
    public void Without_keys_no_token_is_good() =>
        JwtIssuer.Refusal(JwtIssuer.Verifier(new JwtOptions()), Issuer.Sign("HS256")).Should().Be(IdentityError.TokenInvalid);

    private static JwtVerifier Everything() => JwtIssuer.Verifier(new JwtOptions { Keys = Issuer.Keys });

    private static string Headed(string header) => Issuer.Seal(Part(header), Part(Payload), "HS256");

    private static string Part(string text) => JwtIssuer.Part(text);

    // The next letter differs in the last bit alone, which stands for nothing where bytes and letters do not come out even.
    private static string WithSpareBits(string text)
    {
        const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        ((text.Length - text.LastIndexOf('.') - 1) % 4).Should().NotBe(0, "there must be spare bits");
        return text[..^1] + Letters[Letters.IndexOf(text[^1], StringComparison.Ordinal) ^ 1];
    }
}
