using System.Globalization;
using OssProxy.Core.Oss;

namespace OssProxy.Tests.Oss;

public sealed class SignatureVectorSpecs
{
    public static TheoryData<SignatureVector> V1Headers => [.. SignatureVector.Read("v1-header"), .. SignatureVector.Read("official-unit-tests", "v1-header")];

    public static TheoryData<SignatureVector> V4Headers => [.. SignatureVector.Read("v4-header"), .. SignatureVector.Read("official-unit-tests", "v4-header")];

    public static TheoryData<SignatureVector> V1Urls => [.. SignatureVector.Read("v1-presign"), .. SignatureVector.Read("official-unit-tests", "v1-presign")];

    public static TheoryData<SignatureVector> V4Urls => [.. SignatureVector.Read("v4-presign"), .. SignatureVector.Read("official-unit-tests", "v4-presign")];

    public static TheoryData<SignatureVector> SigningKeys => [.. SignatureVector.Read("official-unit-tests", "v4-header-from-signing-key")];

    [Theory]
    [MemberData(nameof(V1Headers))]
    public void V1_headers_are_signed_as_the_official_SDKs_sign_them(SignatureVector vector)
    {
        var request = vector.Request();
        var now = default(DateTimeOffset);
        if (SignatureVector.Text(vector.Input, "date") is { } date)
        {
            now = DateTimeOffset.ParseExact(date, "r", CultureInfo.InvariantCulture);
            if (request.Headers.ContainsKey("x-oss-date"))
                request.Headers["Date"] = date;
        }

        var added = new OssSignerV1().SignHeaders(request, vector.Credentials, now).ToDictionary();

        var signature = SignatureVector.Text(vector.Expected, "signature");
        added["Authorization"].Should().Be($"OSS {vector.Credentials.AccessKeyId}:{signature}");
        added.Remove("Authorization");
        if (vector.Expected.TryGetProperty("headersAddedBySigner", out var headers))
            added.Should().BeEquivalentTo(headers.EnumerateObject().ToDictionary(h => h.Name, h => h.Value.GetString()));

        var line = request.Headers.GetValueOrDefault("Date") ?? request.Headers.GetValueOrDefault("x-oss-date") ?? added["Date"];
        OssSignerV1.StringToSign(request, added, request.Query, line).Should().Be(SignatureVector.Text(vector.Expected, "stringToSign"));
    }

    [Theory]
    [MemberData(nameof(V4Headers))]
    public void V4_headers_are_signed_as_the_official_SDKs_sign_them(SignatureVector vector)
    {
        var request = vector.Request();
        var signer = vector.SignerV4;
        var added = signer.SignHeaders(request, vector.Credentials, vector.SignTime, vector.AdditionalHeaders).ToDictionary();

        added["Authorization"].Should().EndWith(",Signature=" + SignatureVector.Text(vector.Expected, "signature"));
        if (SignatureVector.Text(vector.Expected, "authorization") is { } authorization)
            added["Authorization"].Should().Be(authorization);

        added.Remove("Authorization");
        if (vector.Expected.TryGetProperty("headersAddedBySigner", out var headers))
            added.Should().BeEquivalentTo(headers.EnumerateObject().ToDictionary(h => h.Name, h => h.Value.GetString()));

        var (canonical, text) = Rebuild(vector, signer, request, added, request.Query);
        canonical.Should().Be(SignatureVector.Text(vector.Expected, "canonicalRequest"));
        text.Should().Be(SignatureVector.Text(vector.Expected, "stringToSign"));
        if (SignatureVector.Text(vector.Expected, "signingKeyHex") is { } key)
        {
            Convert.ToHexStringLower(signer.SigningKey(vector.Credentials.AccessKeySecret, OssSignerV4.Timestamp(vector.SignTime)[..8]))
                .Should().Be(key);
        }
    }

    [Theory]
    [MemberData(nameof(SigningKeys))]
    public void The_sample_of_the_documentation_follows_from_its_signing_key(SignatureVector vector)
    {
        var request = vector.Request();
        var (canonical, text) = Rebuild(vector, vector.SignerV4, request, [], request.Query);
        canonical.Should().Be(SignatureVector.Text(vector.Expected, "canonicalRequest"));
        text.Should().Be(SignatureVector.Text(vector.Expected, "stringToSign"));
        OssSignerV4.Sign(Convert.FromHexString(SignatureVector.Text(vector.Input, "signingKeyHex")!), text)
            .Should().Be(SignatureVector.Text(vector.Expected, "signature"));
    }

    [Theory]
    [MemberData(nameof(V1Urls))]
    public void V1_URLs_are_signed_as_the_official_SDKs_sign_them(SignatureVector vector)
    {
        var request = vector.Request();
        var expires = vector.Input.GetProperty("expires").GetInt64();
        var lifetime = TimeSpan.FromMinutes(1);
        var query = new OssSignerV1().SignQuery(
            request, vector.Credentials, DateTimeOffset.FromUnixTimeSeconds(expires) - lifetime, lifetime).ToDictionary();

        query["Signature"].Should().Be(SignatureVector.Text(vector.Expected, "signature"));
        if (vector.Expected.TryGetProperty("queryParameters", out var parameters))
            query.Should().BeEquivalentTo(parameters.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()));
    }

    [Theory]
    [MemberData(nameof(V4Urls))]
    public void V4_URLs_are_signed_as_the_official_SDKs_sign_them(SignatureVector vector)
    {
        var request = vector.Request();
        var signer = vector.SignerV4;
        var lifetime = TimeSpan.FromSeconds(vector.Input.GetProperty("expiresIn").GetInt64());
        var query = signer.SignQuery(request, vector.Credentials, vector.SignTime, lifetime, vector.AdditionalHeaders).ToDictionary();

        query["x-oss-signature"].Should().Be(SignatureVector.Text(vector.Expected, "signature"));
        if (vector.Expected.TryGetProperty("queryParameters", out var parameters))
            query.Should().BeEquivalentTo(parameters.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()));

        var (canonical, text) = Rebuild(vector, signer, request, [], query.Where(p => p.Key != "x-oss-signature"));
        canonical.Should().Be(SignatureVector.Text(vector.Expected, "canonicalRequest"));
        text.Should().Be(SignatureVector.Text(vector.Expected, "stringToSign"));
    }

    [Fact]
    public void A_day_key_is_made_anew_for_another_day_or_secret()
    {
        var signer = new OssSignerV4("cn-hangzhou");
        var first = signer.SigningKey("secret", "20250304");
        signer.SigningKey("secret", "20250304").Should().BeSameAs(first);
        signer.SigningKey("secret", "20250305").Should().NotEqual(first);
        signer.SigningKey("other", "20250305").Should().NotEqual(signer.SigningKey("secret", "20250305"));
        signer.SigningKey("secret", "20250304").Should().Equal(first);
    }

    private static (string Canonical, string ToSign) Rebuild(
        SignatureVector vector,
        OssSignerV4 signer,
        OssRequest request,
        IEnumerable<KeyValuePair<string, string>> added,
        IEnumerable<KeyValuePair<string, string>> query)
    {
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in request.Headers.Concat(added))
            headers[name.ToLowerInvariant()] = value.Trim();

        var canonical = OssSignerV4.CanonicalRequest(request, query, headers, OssSignerV4.Additional(headers, vector.AdditionalHeaders));
        return (canonical, signer.StringToSign(OssSignerV4.Timestamp(vector.SignTime), canonical));
    }
}
