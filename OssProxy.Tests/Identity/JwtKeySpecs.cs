using System.Security.Cryptography;
using OssProxy.Core.Identity;

namespace OssProxy.Tests.Identity;

/// <summary>Which key a token is tried with.</summary>
public sealed class JwtKeySpecs
{
    private const string NewSecret = "the-secret-of-the-new-year-2026";

    private static readonly JwtIssuer Issuer = JwtIssuer.One;

    [Fact]
    public void While_keys_are_exchanged_tokens_of_both_are_good_and_those_of_the_retired_one_no_more()
    {
        var (old, young) = (new JwtKey { Id = "2025", Secret = new(JwtIssuer.Secret) }, new JwtKey { Id = "2026", Secret = new(NewSecret) });
        string[] oldTokens = [Token("2025", JwtIssuer.Secret), Token(null, JwtIssuer.Secret)];
        string[] youngTokens = [Token("2026", NewSecret), Token(null, NewSecret)];

        Refusals([old], oldTokens).Should().Equal([null, null]);
        Refusals([old, young], [.. oldTokens, .. youngTokens]).Should().Equal([null, null, null, null]);
        Refusals([young], youngTokens).Should().Equal([null, null]);
        Refusals([young], oldTokens).Should().Equal(IdentityError.TokenInvalid, IdentityError.TokenInvalid);
    }

    [Fact]
    public void A_token_that_names_a_key_is_tried_with_that_one_alone()
    {
        JwtKey[] keys = [new() { Id = "a", Secret = new(JwtIssuer.Secret) }, new() { Id = "b", Secret = new(NewSecret) }, new() { Secret = new(NewSecret) }];

        Refusals(keys, [Token("a", NewSecret), Token("A", JwtIssuer.Secret), Token("c", NewSecret)])
            .Should().AllBeEquivalentTo(IdentityError.TokenInvalid);
        Refusals(keys, [Token("a", JwtIssuer.Secret), Token("b", NewSecret), Token("", NewSecret)]).Should().AllSatisfy(error => error.Should().BeNull());
    }

    [Fact]
    public void Two_algorithms_may_share_a_name_and_each_key_stays_with_its_own()
    {
        JwtKey[] keys = [new() { Id = "k", Secret = new(NewSecret) }, new() { Id = "k", Algorithm = "RS256", PublicKey = Issuer.RsaPem }];

        Refusals(keys, [Token("k", NewSecret), Issuer.Sign("RS256", keyId: "k")]).Should().Equal([null, null]);
        Refusals(keys[1..], [Token("k", NewSecret), Token("k", Issuer.RsaPem)])
            .Should().AllBeEquivalentTo(IdentityError.TokenInvalid);
    }

    [Theory]
    [InlineData("-----END PUBLIC KEY-----", "\n")]
    [InlineData("\n", "\\n")]
    [InlineData("\n", "\r\n")]
    [InlineData("\n", " ")]
    public void A_public_key_may_be_written_on_one_line(string what, string instead)
    {
        var pem = instead == "\n" ? Issuer.RsaPem + instead : Issuer.RsaPem.Replace(what, instead, StringComparison.Ordinal);

        Refusals([new() { Algorithm = "RS256", PublicKey = pem }], [Issuer.Sign("RS256")]).Should().Equal([null]);
    }

    [Fact]
    public void The_older_form_of_an_RSA_key_is_understood()
    {
        using var rsa = RSA.Create();
        rsa.ImportFromPem(Issuer.RsaPem);

        Refusals([new() { Algorithm = "RS256", PublicKey = rsa.ExportRSAPublicKeyPem() }], [Issuer.Sign("RS256")]).Should().Equal([null]);
    }

    [Fact]
    public void Many_threads_may_ask_at_once()
    {
        var verifier = JwtIssuer.Verifier(new JwtOptions { Keys = Issuer.Keys });
        string[] good = [Issuer.Sign("HS256"), Issuer.Sign("RS256"), Issuer.Sign("ES256")];
        var bad = good.Select(token => token.Replace(JwtIssuer.Part(JwtIssuer.Row), JwtIssuer.Part("""{"id":1}"""), StringComparison.Ordinal)).ToArray();

        Parallel.For(0, 2000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            JwtIssuer.Refusal(verifier, good[i % 3]).Should().BeNull();
            JwtIssuer.Refusal(verifier, bad[i % 3]).Should().Be(IdentityError.TokenInvalid);
        });
    }

    private static string Token(string? keyId, string secret) =>
        Issuer.Seal(JwtIssuer.Part(JwtIssuer.Header("HS256", keyId)), JwtIssuer.Part(JwtIssuer.Row), "HS256", secret);

    private static List<IdentityError?> Refusals(JwtKey[] keys, string[] tokens)
    {
        var verifier = JwtIssuer.Verifier(new JwtOptions { Keys = keys });
        return [.. tokens.Select(token => JwtIssuer.Refusal(verifier, token))];
    }
}
