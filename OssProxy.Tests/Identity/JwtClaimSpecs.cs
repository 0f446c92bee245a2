using System.Text.Json;
using OssProxy.Core.Identity;

namespace OssProxy.Tests.Identity;

/// <summary>What becomes of claims. The clock stands at 1767600000.</summary>
public sealed class JwtClaimSpecs
{
    private static readonly string Long = new('x', 128);

    private static readonly JwtIssuer Issuer = JwtIssuer.One;

    public static TheoryData<string, CallerKind, string, string> Rows => new()
    {
        { JwtIssuer.Row, CallerKind.User, "jwt:7", "小李" },
        { """{"id":"u-7"}""", CallerKind.User, "jwt:u-7", "user" },
        { """{"id":9223372036854775807,"username":null,"role":null,"status":null}""", CallerKind.User, "jwt:9223372036854775807", "user" },
        { """{"id":"用户:7/a b"}""", CallerKind.User, "jwt:用户:7/a b", "user" },
        { $$"""{"id":"{{Long}}"}""", CallerKind.User, "jwt:" + Long, "user" },
        { """{"i\u0064":7,"rol\u0065":"visito\u0072"}""", CallerKind.Guest, "jwt:7", "user" },
        { """{"id":7,"username":"  \u0000li\r\n\u202e  "}""", CallerKind.User, "jwt:7", "li" },
        { """{"id":7,"username":"\u200b \n"}""", CallerKind.User, "jwt:7", "user" },
        { """{"id":7,"username":13800138000}""", CallerKind.User, "jwt:7", "13800138000" },
        { """{"id":7,"username":{"first":"li"}}""", CallerKind.User, "jwt:7", "user" },
        { $$"""{"id":7,"username":"{{string.Concat(Enumerable.Repeat("😀", 70))}}"}""", CallerKind.User, "jwt:7", string.Concat(Enumerable.Repeat("😀", 64)) },
        { """{"id":7,"role":"visitor"}""", CallerKind.Guest, "jwt:7", "user" },
        { """{"id":7,"role":"Visitor"}""", CallerKind.User, "jwt:7", "user" },
        { """{"id":7,"role":["user","visitor"]}""", CallerKind.Guest, "jwt:7", "user" },
        { """{"id":7,"role":"super"}""", CallerKind.Admin, "jwt:7", "user" },
        { """{"id":7,"role":["user",99]}""", CallerKind.Admin, "jwt:7", "user" },
        { """{"id":7,"role":["super","visitor"]}""", CallerKind.Guest, "jwt:7", "user" },
        { """{"id":7,"role":"super,visitor"}""", CallerKind.User, "jwt:7", "user" },
        { """{"id":7,"role":""}""", CallerKind.User, "jwt:7", "user" },
        { """{"id":7,"role":[]}""", CallerKind.User, "jwt:7", "user" },
        { """{"id":7,"status":true}""", CallerKind.User, "jwt:7", "user" },
        { """{"id":7,"status":"1"}""", CallerKind.User, "jwt:7", "user" },
        { """{"id":7,"status":2}""", CallerKind.User, "jwt:7", "user" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Claims_make_a_caller(string payload, CallerKind kind, string owner, string name) =>
        Verify(payload, new JwtOptions { AdminRoles = "super, 99" }).Should().Be(new Caller(kind, owner, name));

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"id":null}""")]
    [InlineData("""{"id":""}""")]
    [InlineData("""{"id":7.5}""")]
    [InlineData("""{"id":7.0}""")]
    [InlineData("""{"id":9223372036854775808}""")]
    [InlineData("""{"id":true}""")]
    [InlineData("""{"id":[7]}""")]
    [InlineData("""{"ID":7}""")]
    [InlineData("""{"id":"a\nb"}""")]
    [InlineData("""{"id":"a\u0000"}""")]
    [InlineData("""{"id":"\u202e7"}""")]
    [InlineData("""{"id":7,"role":{"visitor":true}}""")]
    [InlineData("""{"id":7,"role":true}""")]
    [InlineData("""{"id":7,"role":["user",null]}""")]
    [InlineData("""{"id":7,"nbf":1767600061}""")]
    [InlineData("""{"id":7,"nbf":1767600060.001}""")]
    [InlineData("""{"id":7,"nbf":"0"}""")]
    [InlineData("""{"id":7,"exp":"1767609999"}""")]
    [InlineData("""{"id":7,"exp":null}""")]
    [InlineData("""{"id":7,"exp":true}""")]
    [InlineData("""{"id":7,"exp":-1}""")]
    [InlineData("""{"id":7,"exp":1767609999000}""")]
    [InlineData("""{"id":7,"exp":1e400}""")]
    [InlineData("""{"id":7,"exp":253402300800}""")]
    public void Claims_that_make_nobody_are_refused(string payload) => Refusal(payload).Should().Be(IdentityError.TokenInvalid);

    [Fact]
    public void A_subject_that_is_too_long_is_refused() => Refusal($$"""{"id":"{{Long}}x"}""").Should().Be(IdentityError.TokenInvalid);

    [Theory]
    [InlineData("0")]
    [InlineData("0.0")]
    [InlineData("false")]
    [InlineData("\"0\"")]
    [InlineData("\"false\"")]
    public void A_user_who_is_disabled_is_refused(string status) =>
        Refusal($$"""{"id":7,"status":{{status}}}""").Should().Be(IdentityError.UserDisabled);

    [Theory]
    [InlineData("""{"id":7,"exp":1767599940}""", IdentityError.TokenExpired)]
    [InlineData("""{"id":7,"exp":1767599940.001}""", null)]
    [InlineData("""{"id":7,"exp":1767599941}""", null)]
    [InlineData("""{"id":7,"exp":1.7676e9}""", null)]
    [InlineData("""{"id":7,"exp":253402300799}""", null)]
    [InlineData("""{"id":7,"exp":0}""", IdentityError.TokenExpired)]
    [InlineData("""{"id":7,"exp":0,"status":0}""", IdentityError.TokenExpired)]
    [InlineData("""{"id":7,"nbf":1767600060}""", null)]
    [InlineData("""{"id":7,"nbf":1767600060,"exp":1767600060}""", null)]
    [InlineData("""{"id":7,"iat":1999999999}""", null)]
    public void Times_hold_with_the_skew_to_the_moment(string payload, IdentityError? error) => Refusal(payload).Should().Be(error);

    [Fact]
    public void A_token_is_good_to_its_end_and_not_a_moment_longer()
    {
        var clock = new Clock();
        var token = Issuer.Sign("HS256", """{"id":7,"nbf":1767600010,"exp":1767600020}""");
        var verifier = JwtIssuer.Verifier(new JwtOptions { Keys = Issuer.Keys, ClockSkew = TimeSpan.Zero }, clock);

        JwtIssuer.Refusal(verifier, token).Should().Be(IdentityError.TokenInvalid);
        clock.Advance(TimeSpan.FromSeconds(10));
        JwtIssuer.Refusal(verifier, token).Should().BeNull();
        clock.Advance(TimeSpan.FromSeconds(9.999));
        JwtIssuer.Refusal(verifier, token).Should().BeNull();
        clock.Advance(TimeSpan.FromSeconds(0.001));
        JwtIssuer.Refusal(verifier, token).Should().Be(IdentityError.TokenExpired);
    }

    [Theory]
    [InlineData("""{"id":7}""", IdentityError.TokenInvalid)]
    [InlineData("""{"id":7,"exp":1767599000}""", IdentityError.TokenExpired)]
    [InlineData("""{"id":7,"exp":1767601000}""", null)]
    public void An_end_can_be_required(string payload, IdentityError? error) =>
        Refusal(payload, new JwtOptions { RequireExpiry = true }).Should().Be(error);

    [Theory]
    [InlineData("""{"id":7,"iss":"https://egg.example","aud":"uploads"}""", null)]
    [InlineData("""{"id":7,"iss":"https://egg.example","aud":["chat","uploads"]}""", null)]
    [InlineData("""{"id":7,"iss":"https://egg.example/","aud":"uploads"}""", IdentityError.TokenInvalid)]
    [InlineData("""{"id":7,"iss":["https://egg.example"],"aud":"uploads"}""", IdentityError.TokenInvalid)]
    [InlineData("""{"id":7,"aud":"uploads"}""", IdentityError.TokenInvalid)]
    [InlineData("""{"id":7,"iss":"https://egg.example"}""", IdentityError.TokenInvalid)]
    [InlineData("""{"id":7,"iss":"https://egg.example","aud":"Uploads"}""", IdentityError.TokenInvalid)]
    [InlineData("""{"id":7,"iss":"https://egg.example","aud":["chat",["uploads"]]}""", IdentityError.TokenInvalid)]
    [InlineData("""{"id":7,"iss":"https://egg.example","aud":{"uploads":1}}""", IdentityError.TokenInvalid)]
    [InlineData("""{"id":7,"iss":"another","exp":1}""", IdentityError.TokenInvalid)]
    public void Issuer_and_audience_must_be_the_configured_ones(string payload, IdentityError? error) =>
        Refusal(payload, new JwtOptions { Issuer = "https://egg.example", Audience = "uploads" }).Should().Be(error);

    [Fact]
    public void Claims_that_are_switched_off_say_nothing()
    {
        var options = new JwtOptions { SubjectClaim = "sub", NameClaim = "", RoleClaim = "", StatusClaim = "" };

        Verify("""{"sub":"a","id":7,"username":"li","role":"visitor","status":0,"":0}""", options)
            .Should().Be(new Caller(CallerKind.User, "jwt:a", "user"));
    }

    [Fact]
    public void Nothing_else_of_a_row_is_kept() =>
        JsonSerializer.Serialize(Verify(JwtIssuer.Row, new JwtOptions())).Should().NotContainAny("5f4dcc3b", "0b8b6bb5");

    private static Caller Verify(string payload, JwtOptions options)
    {
        options.Keys = Issuer.Keys;
        return JwtIssuer.Verifier(options).Verify(new Secret(Issuer.Sign("HS256", payload)));
    }

    private static IdentityError? Refusal(string payload, JwtOptions? options = null)
    {
        options ??= new JwtOptions();
        options.Keys = Issuer.Keys;
        return JwtIssuer.Refusal(JwtIssuer.Verifier(options), Issuer.Sign("HS256", payload));
    }
}
