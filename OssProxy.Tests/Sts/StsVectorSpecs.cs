using System.Text.Json;
using OssProxy.Core.Sts;
using OssProxy.Tests.Oss;

namespace OssProxy.Tests.Sts;

public sealed class StsVectorSpecs
{
    public static TheoryData<SignatureVector> Rpc => [.. SignatureVector.Read("sts").Where(vector => vector.Input.TryGetProperty("parameters", out _))];

    public static TheoryData<SignatureVector> Acs3 => [.. SignatureVector.Read("sts").Where(vector => vector.Input.TryGetProperty("signedHeaders", out _))];

    [Fact]
    public void Every_vector_is_of_one_of_the_two_kinds() =>
        (Rpc.Count + Acs3.Count).Should().Be(SignatureVector.Read("sts").Count()).And.Be(8);

    [Theory]
    [MemberData(nameof(Rpc))]
    public void RPC_requests_are_signed_as_the_official_clients_sign_them(SignatureVector vector)
    {
        var query = RpcSignature.CanonicalQuery(Pairs(vector.Input.GetProperty("parameters")));
        var text = RpcSignature.StringToSign(SignatureVector.Text(vector.Input, "method")!, query);

        query.Should().Be(SignatureVector.Text(vector.Expected, "canonicalQuery"));
        text.Should().Be(SignatureVector.Text(vector.Expected, "stringToSign"));
        RpcSignature.Sign(SignatureVector.Text(vector.Input, "accessKeySecret")!, text)
            .Should().Be(SignatureVector.Text(vector.Expected, "signature"));
    }

    [Theory]
    [MemberData(nameof(Acs3))]
    public void ACS3_requests_are_signed_as_the_official_clients_sign_them(SignatureVector vector)
    {
        var headers = new SortedDictionary<string, string>(
            Pairs(vector.Input.GetProperty("signedHeaders")).ToDictionary(), StringComparer.Ordinal);
        var canonical = Acs3Signature.CanonicalRequest(
            SignatureVector.Text(vector.Input, "method")!, SignatureVector.Text(vector.Input, "path")!,
            Acs3Signature.CanonicalQuery(Pairs(vector.Input.GetProperty("query"))), headers, Acs3Signature.EmptyPayload);
        var text = Acs3Signature.StringToSign(canonical);
        var signature = Acs3Signature.Sign(SignatureVector.Text(vector.Input, "accessKeySecret")!, text);
        var id = headers.GetValueOrDefault("x-acs-accesskey-id") ?? "LTAI-EXAMPLE";

        canonical.Should().Be(SignatureVector.Text(vector.Expected, "canonicalRequest"));
        text.Should().Be(SignatureVector.Text(vector.Expected, "stringToSign"));
        signature.Should().Be(SignatureVector.Text(vector.Expected, "signature"));
        Acs3Signature.Authorization(id, headers, signature).Should().Be(SignatureVector.Text(vector.Expected, "authorization"));
    }

    private static IEnumerable<KeyValuePair<string, string>> Pairs(JsonElement element) =>
        element.EnumerateObject().Select(one => KeyValuePair.Create(one.Name, one.Value.GetString()!));
}
