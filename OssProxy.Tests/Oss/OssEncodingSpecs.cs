using OssProxy.Core.Oss;

namespace OssProxy.Tests.Oss;

public sealed class OssEncodingSpecs
{
    public static TheoryData<string, string, string, string> Vectors
    {
        get
        {
            var data = new TheoryData<string, string, string, string>();
            foreach (var c in SignatureVector.Document("url-encoding").GetProperty("cases").EnumerateArray())
            {
                data.Add(
                    SignatureVector.Text(c, "key")!,
                    SignatureVector.Text(c, "path")!,
                    SignatureVector.Text(c, "canonicalUriV4")!,
                    SignatureVector.Text(c, "queryValue")!);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Keys_are_encoded_strictly(string key, string path, string canonical, string query)
    {
        OssEncoding.Path("/" + key).Should().Be(path);
        OssEncoding.Path("/examplebucket/" + key).Should().Be(canonical);
        OssEncoding.Query(key).Should().Be(query);
        OssEncoding.Decode(query).Should().Be(key);
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void The_URL_keeps_the_path_as_it_was_encoded(string key, string path, string canonical, string query)
    {
        OssEndpoint.TryParse("oss-cn-hangzhou.aliyuncs.com", "examplebucket", OssAddressing.Auto, out var virtually, out _).Should().BeTrue();
        OssEndpoint.TryParse("http://127.0.0.1:9100", "examplebucket", OssAddressing.Auto, out var byPath, out _).Should().BeTrue();
        KeyValuePair<string, string>[] parameters = [KeyValuePair.Create("prefix", key)];

        virtually!.UriFor(key, parameters).PathAndQuery.Should().Be($"{path}?prefix={query}");
        byPath!.UriFor(key, parameters).PathAndQuery.Should().Be($"{canonical}?prefix={query}");
    }
}
