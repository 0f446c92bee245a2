using System.Security.Cryptography;
using System.Text;
using OssProxy.Core.Oss;

namespace OssProxy.Tests.Oss;

/// <summary>URLs that official SDKs have signed are good here, and nothing else is.</summary>
public sealed class OssSignedUrlSpecs
{
    public static TheoryData<string, string> Vectors
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var file in new[] { "v1-presign", "v4-presign" })
            {
                foreach (var vector in SignatureVector.Read(file))
                    data.Add(file, vector.ToString());
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void What_an_official_sdk_has_signed_is_good_until_it_expires(string file, string id)
    {
        var vector = SignatureVector.Read(file).Single(one => one.ToString() == id);
        var request = vector.Request();
        var query = QueryOf(vector);
        var clock = new Clock(SignedAt(file, vector));
        var urls = new OssSignedUrls(
            request.Bucket!, SignatureVector.Text(vector.Input, "region") ?? "cn-hangzhou", OssSignature.V4, vector.Credentials, clock);

        urls.Verify(request.Method, request.Key!, query, request.Headers).Should().BeNull();
        urls.Verify(HttpMethod.Options, request.Key!, query, request.Headers).Should().Be(OssUrlRefusal.Mismatch);
        urls.Verify(request.Method, request.Key + "x", query, request.Headers).Should().Be(OssUrlRefusal.Mismatch);
        clock.Advance(TimeSpan.FromDays(3650));
        urls.Verify(request.Method, request.Key!, query, request.Headers).Should().Be(OssUrlRefusal.Expired);
    }

    [Theory]
    [InlineData(OssSignature.V1)]
    [InlineData(OssSignature.V4)]
    public void What_is_made_is_good_and_what_is_changed_is_not(OssSignature signature)
    {
        var clock = new Clock();
        var urls = new OssSignedUrls("bucket", "cn-hangzhou", signature, new OssCredentials("id", "secret", "token"), clock);
        var query = Parse(urls.Sign(HttpMethod.Get, "a b.jpg", [KeyValuePair.Create("x-oss-process", "image/resize,w_1")], TimeSpan.FromMinutes(1)));

        OssSignedUrls.IsSigned(query).Should().BeTrue();
        urls.Verify(HttpMethod.Get, "a b.jpg", query, []).Should().BeNull();
        for (var i = 0; i < query.Count; i++)
        {
            var changed = query.ToList();
            changed[i] = KeyValuePair.Create(changed[i].Key, changed[i].Value + "1");
            urls.Verify(HttpMethod.Get, "a b.jpg", changed, []).Should().NotBeNull(changed[i].Key);
            changed.RemoveAt(i);
            urls.Verify(HttpMethod.Get, "a b.jpg", changed, []).Should().NotBeNull(query[i].Key);
        }

        urls.Verify(HttpMethod.Get, "a b.jpg", [.. query, KeyValuePair.Create("x-oss-process", "image/resize,w_2")], []).Should()
            .BeNull("a repeated parameter counts by its first value; whoever lets it in refuses it");
        new OssSignedUrls("bucket", "cn-hangzhou", signature, new OssCredentials("id", "other", "token"), clock)
            .Verify(HttpMethod.Get, "a b.jpg", query, []).Should().Be(OssUrlRefusal.Mismatch);
        new OssSignedUrls("bucket", "cn-hangzhou", signature, new OssCredentials("other", "secret", "token"), clock)
            .Verify(HttpMethod.Get, "a b.jpg", query, []).Should().Be(OssUrlRefusal.UnknownKey);
        clock.Advance(TimeSpan.FromSeconds(61));
        urls.Verify(HttpMethod.Get, "a b.jpg", query, []).Should().Be(OssUrlRefusal.Expired);
    }

    // The text of both is the same, and so is the signature.
    [Theory]
    [InlineData("a", "response-cache-control=a&x-oss-process=p", "response-cache-control=a|x-oss-process=p")]
    [InlineData("a?x-oss-process=p", "", "")]
    [InlineData("a", "x-oss-process=p&x-oss-x", "x-oss-process=p|x-oss-x=")]
    [InlineData("a", "x-oss-a&x-oss-process=p", "")]
    public void What_V1_cannot_tell_from_other_parameters_is_neither_made_nor_good(string key, string merged, string apart)
    {
        var urls = new OssSignedUrls("bucket", "cn-hangzhou", OssSignature.V1, new OssCredentials("id", "secret", null), new Clock());
        var request = new OssRequest(HttpMethod.Get, "bucket", key);
        if (merged.Length > 0)
            request.Query.Add(Pair(merged));
        const string expires = "9999999999";
        var text = OssSignerV1.StringToSign(request, [], request.Query, expires);
        KeyValuePair<string, string>[] proof =
        [
            KeyValuePair.Create("OSSAccessKeyId", "id"),
            KeyValuePair.Create("Expires", expires),
            KeyValuePair.Create("Signature", Convert.ToBase64String(HMACSHA1.HashData("secret"u8, Encoding.UTF8.GetBytes(text)))),
        ];

        var making = () => urls.Sign(HttpMethod.Get, key, request.Query, TimeSpan.FromMinutes(1));

        making.Should().Throw<ArgumentException>();
        urls.CanSign(key, request.Query).Should().BeFalse();
        urls.Verify(HttpMethod.Get, key, [.. request.Query, .. proof], []).Should().Be(OssUrlRefusal.Ambiguous);
        if (apart.Length > 0)
            urls.CanSign(key, apart.Split('|').Select(Pair)).Should().BeTrue("whoever signs these means them");
        new OssSignedUrls("bucket", "cn-hangzhou", OssSignature.V4, new OssCredentials("id", "secret", null), new Clock())
            .CanSign(key, request.Query).Should().BeTrue("V4 signs with escapes");
    }

    [Fact]
    public void What_was_signed_in_the_future_or_for_longer_than_may_be_is_refused()
    {
        var later = new Clock(new DateTimeOffset(2026, 1, 5, 8, 16, 0, TimeSpan.Zero));
        var query = Parse(Of(later).Sign(HttpMethod.Get, "a", [], TimeSpan.FromDays(7)));

        Of(new Clock()).Verify(HttpMethod.Get, "a", query, []).Should().NotBeNull();
        Of(new Clock()).Verify(HttpMethod.Get, "a", [.. query.Select(one => one.Key == "x-oss-expires" ? KeyValuePair.Create(one.Key, "604801") : one)], [])
            .Should().NotBeNull();
        Of(later).Verify(HttpMethod.Get, "a", query, []).Should().BeNull();
        OssSignedUrls.IsSigned([KeyValuePair.Create("x-oss-process", "x")]).Should().BeFalse();
    }

    private static KeyValuePair<string, string> Pair(string text) => text.Split('=', 2) is [var name, var value] && !name.Contains('&')
        ? KeyValuePair.Create(name, value) : KeyValuePair.Create(text, "");

    private static OssSignedUrls Of(Clock clock) => new("bucket", "cn-hangzhou", OssSignature.V4, new OssCredentials("id", "secret", null), clock);

    private static List<KeyValuePair<string, string>> QueryOf(SignatureVector vector)
    {
        var query = vector.Input.GetProperty("query").EnumerateArray()
            .Select(pair => KeyValuePair.Create(pair[0].GetString()!, pair[1].GetString() ?? "")).ToList();
        query.AddRange(vector.Expected.GetProperty("queryParameters").EnumerateObject()
            .Where(one => !query.Exists(there => there.Key == one.Name))
            .Select(one => KeyValuePair.Create(one.Name, one.Value.GetString() ?? "")));
        return query;
    }

    private static DateTimeOffset SignedAt(string file, SignatureVector vector) => file == "v4-presign"
        ? vector.SignTime
        : DateTimeOffset.FromUnixTimeSeconds(vector.Input.GetProperty("expires").GetInt64());

    private static List<KeyValuePair<string, string>> Parse(string query) => [.. query.Split('&').Select(pair => pair.Split('=', 2))
        .Select(pair => KeyValuePair.Create(Uri.UnescapeDataString(pair[0]), Uri.UnescapeDataString(pair.ElementAtOrDefault(1) ?? "")))];
}
