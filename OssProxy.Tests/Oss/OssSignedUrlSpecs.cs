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
