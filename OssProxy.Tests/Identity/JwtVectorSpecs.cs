using OssProxy.Core.Identity;

namespace OssProxy.Tests.Identity;

/// <summary>Tokens that others have signed: the examples of RFC 7515 and of jwt.io, and some that Node's crypto module made once.</summary>
public sealed class JwtVectorSpecs
{
    private const string RfcRsa = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19"
        + "yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt"
        + "_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb"
        + "1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI"
        + "8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

    private const string RfcRsaKey = "-----BEGIN PUBLIC KEY-----|MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAofgWCuLjybRlzo0tZWJj|NiuSfb4p"
        + "4fAkd/wWJcyQoTbji9k0l8W26mPddxHmfHQp+Vaw+4qPCJrcS2mJPMEz|P1Pt0Bm4d4QlL+yRT+SFd2lZS+pCgNMsD1W/YpRPEwO"
        + "WvG6b32690r2jZ47soMZo|9wGzjb/7OMg0LOL+bSf63kpaSHSXndS5z5rexMdbBYUsLA9e+KXBdQOS+UTo7WTB|EMa2R2CapHg66"
        + "5xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6/I5IhlJH7aGhyxX|FvUK+DWNmoudF8NAco9/h9iaGNj8q2ethFkMLs91kzk2PAcD"
        + "TW9gb54h4FRWyuXp|oQIDAQAB|-----END PUBLIC KEY-----";

    private const string RfcCurve = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19"
        + "yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU"
        + "1Q";

    private const string RfcCurveKey = "-----BEGIN PUBLIC KEY-----|MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV7|6e8Tus9u"
        + "PHvRVEXH8UTNG72bfocs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==|-----END PUBLIC KEY-----";

    private const string Site = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE"
        + "2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c";

    private const string NodePayload = "eyJpZCI6NywidXVpZCI6IjBiOGI2YmI1LTFkMzMtNGY1ZS05YmQ3LTBlZDZjMWE1ZTVkMyIsInVzZXJuYW1lIjoi5bCP5p2OIiwi"
        + "cGFzc3dvcmQiOiI1ZjRkY2MzYjVhYTc2NWQ2MWQ4MzI3ZGViODgyY2Y5OSIsInJvbGUiOiJ1c2VyIiwic3RhdHVzIjoxLCJpYXQi"
        + "OjE3Njc2MDAwMDB9";

    private const string NodeRsa = "L7KcxHTn1F_1pTD1Pr-V8zPQ6XORH3WN0JCfC2MRfZ49DDh_tzxboZn6S3tmXRZmY6Mpj_OH489OzGImTsoVkti4yxAe_X3KtjnN"
        + "uOnw8PQt_eX8xq-UBFzm3Xy1X1KmlLqMlD9o-5pfEUrnkWo6HQ_IXOX2FVWVQqYDW6Kee4ualz4GEx1zz3SbNpj9g3r2sAnuYBV7"
        + "b7929ghM_VdbiXrgbmeZNMfavL_nXCEMq1Y37UYdM2X0qF0iyF9gVwEBZ9fTQ2QbBWEi5E-phGjdMZTb5Vlh0QEVkNy8vzrMXCkb"
        + "zar_HR5yb1QYvd5kvHSDQ0xskulJLpTZNwJ573m0hQ";

    private const string NodeRsaKey = "-----BEGIN PUBLIC KEY-----|MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA1i5yhDbk086wjdExTm8k|sEizFWYc"
        + "tSeoyD+m1iLv3YpmqARN7ofMyYeownDxZos6yzAXZZrXPSNr7tcDVue/|G8J8oOorU/qcOHOCnzE97SBKbagm5xqvraORw2qSfD9"
        + "4UWMqwmVxHEYvPwPedfFm|ZK6ran1sShdgMvLe/+2/bwiV0JqACky/8yLgUoDIX9t1m8nR8GSvSKfWVKw5dLCU|niFHqdMAEtUI0"
        + "0GJES1e8zB7U2+NX9IWlz9YipQ9QvRaLcPq+qFCQslyq6x+H6dE|PFAuMWImUlfsPU80VxD3b7uEgW4SaY5vPtdctv5PdsebPaxo"
        + "TVb0+NgzqTjv8nAw|SwIDAQAB|-----END PUBLIC KEY-----";

    private const string NodeCurveKey = "-----BEGIN PUBLIC KEY-----|MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEedPHYl0L4BvP/cAb8zhHSBJZNy3X|EnP/Ny6W"
        + "8Io/rqPOSDBWIzHowkGYKpnTzCF+zOlz6xhstCquDdYLcH0rHA==|-----END PUBLIC KEY-----";

    [Theory]
    [InlineData("RS256", RfcRsa, RfcRsaKey)]
    [InlineData("ES256", RfcCurve, RfcCurveKey)]
    public void The_examples_of_the_standard_are_understood(string algorithm, string token, string pem)
    {
        var options = new JwtOptions { Keys = [Key(algorithm, pem)], SubjectClaim = "iss" };
        var clock = new Clock(DateTimeOffset.FromUnixTimeSeconds(1300819379));

        JwtIssuer.Verifier(options, clock).Verify(new Secret(token)).Owner.Should().Be("jwt:joe");

        clock.Advance(TimeSpan.FromSeconds(61));
        JwtIssuer.Refusal(JwtIssuer.Verifier(options, clock), token).Should().Be(IdentityError.TokenExpired);
    }

    [Fact]
    public void The_example_that_everybody_knows_is_understood() =>
        JwtIssuer.Verifier(new JwtOptions { Keys = [new() { Secret = new("your-256-bit-secret") }], SubjectClaim = "sub", NameClaim = "name" })
            .Verify(new Secret(Site)).Should().Be(new Caller(CallerKind.User, "jwt:1234567890", "John Doe"));

    [Theory]
    [InlineData("HS256", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9", "qtytICZtB5MrfTr0bYJ2C3CnF42qZiEA7ERPB-OajAY", "")]
    [InlineData("HS384", "eyJhbGciOiJIUzM4NCIsInR5cCI6IkpXVCJ9", "ac56A-ViSHmAGun9K0p-7EntIbPYoDwR-Z4SKnpmSlXJ71C_199L67i88x_wSg7A", "")]
    [InlineData("HS512", "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9",
        "-wS4j0w9ace3KuzXIsC_qyUt7nziLqhPeIA-FJ9a-atuUaC_VA5n_g8hv6bU9FGPz86I6uSU50tBD6ALbY7fKQ", "")]
    [InlineData("RS256", "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6IjIwMjYtMDEifQ", NodeRsa, NodeRsaKey)]
    [InlineData("ES256", "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9",
        "-gATfPzAgWXvGSDTj6hEwfQhBOWltLNe9JSef6jkK_m4rMs2OylnDq6X62p_QZ0Ofc4q6W4UWZpMfzvXJ-F-8Q", NodeCurveKey)]
    public void What_an_egg_server_signs_is_understood(string algorithm, string header, string signature, string pem)
    {
        var key = pem.Length > 0 ? Key(algorithm, pem) : new JwtKey { Algorithm = algorithm, Secret = new(JwtIssuer.Secret) };

        JwtIssuer.Verifier(new JwtOptions { Keys = [key] }).Verify(new Secret($"{header}.{NodePayload}.{signature}"))
            .Should().Be(new Caller(CallerKind.User, "jwt:7", "小李"));
    }

    // The lines of a PEM are joined by | here, as no PEM has it.
    private static JwtKey Key(string algorithm, string pem) => new()
    {
        // The one of Node's names its key.
        Id = pem == NodeRsaKey ? "2026-01" : "",
        Algorithm = algorithm,
        PublicKey = pem.Replace('|', '\n'),
    };
}
