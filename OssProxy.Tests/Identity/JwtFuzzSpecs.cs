using System.Text;
using OssProxy.Core.Identity;

namespace OssProxy.Tests.Identity;

/// <summary>Tokens that nobody thought of. The seed is fixed; another one must do as well.</summary>
public sealed class JwtFuzzSpecs
{
    private const int Seed = 20260105;
    private const int Rounds = 3000;
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    private const string Others = ".=+/ \n\0\"{}é中\uD800";

    private static readonly JwtIssuer Issuer = JwtIssuer.One;

    [Theory]
    [InlineData("HS256")]
    [InlineData("RS256")]
    [InlineData("ES256")]
    public void No_change_of_a_good_token_is_good_or_fails_otherwise_than_by_a_refusal(string algorithm)
    {
        var random = new Random(Seed);
        var verifier = JwtIssuer.Verifier(new JwtOptions { Keys = Issuer.Keys });
        var token = Issuer.Sign(algorithm);
        JwtIssuer.Refusal(verifier, token).Should().BeNull();

        for (var round = 0; round < Rounds; round++)
        {
            var changed = Change(random, token);
            if (changed != token)
                JwtIssuer.Refusal(verifier, changed).Should().Be(IdentityError.TokenInvalid, "round {0}: {1}", round, changed);
        }
    }

    [Fact]
    public void Every_single_letter_counts()
    {
        var verifier = JwtIssuer.Verifier(new JwtOptions { Keys = Issuer.Keys });
        var token = Issuer.Sign("HS256");

        for (var i = 0; i < token.Length; i++)
        {
            // The lowest bit is the one that a decoder might not look at, the case the one that a comparison might not.
            var at = Letters.IndexOf(token[i], StringComparison.Ordinal);
            foreach (var other in at < 0 ? "A" : new[] { Letters[at ^ 1], Letters[at ^ 32], '=' }.AsEnumerable())
                JwtIssuer.Refusal(verifier, $"{token[..i]}{other}{token[(i + 1)..]}").Should().Be(IdentityError.TokenInvalid, "letter {0}", i);
        }
    }

    [Fact]
    public void Whatever_has_been_signed_is_a_caller_or_refused()
    {
        var random = new Random(Seed);
        var verifier = JwtIssuer.Verifier(new JwtOptions { Keys = Issuer.Keys, Audience = "a" });
        var rows = new[] { JwtIssuer.Row, """{"id":"x","aud":["a",1],"exp":1.7677e9,"nbf":0,"role":["visitor","\u0061"],"status":"0","username":"\ud83d\ude00"}""" };

        for (var round = 0; round < Rounds; round++)
        {
            var payload = Encoding.UTF8.GetBytes(rows[round % rows.Length]);
            for (var changes = random.Next(1, 4); changes > 0; changes--)
                payload[random.Next(payload.Length)] = random.Next(4) == 0 ? (byte)random.Next(256) : (byte)"\"\\u{}[],:0189.-e dtfn"[random.Next(21)];
            var (header, part) = (JwtIssuer.Part(JwtIssuer.Header("HS256")), JwtIssuer.Part(payload));

            // Anything but a refusal comes out of this as itself.
            JwtIssuer.Refusal(verifier, Issuer.Seal(header, part, "HS256"));
        }
    }

    private static string Change(Random random, string token)
    {
        var (at, length) = (random.Next(token.Length), random.Next(1, 20));
        var end = Math.Min(token.Length, at + length);
        var parts = token.Split('.');
        return random.Next(8) switch
        {
            0 or 1 or 2 => $"{token[..at]}{Letters[random.Next(Letters.Length)]}{token[(at + 1)..]}",
            3 => $"{token[..at]}{Others[random.Next(Others.Length)]}{token[(at + random.Next(2))..]}",
            4 => token[..at] + token[end..],
            5 => token[..end] + token[at..],
            6 => string.Join('.', parts.Select(_ => parts[random.Next(parts.Length)])),
            _ => token[..at],
        };
    }
}
