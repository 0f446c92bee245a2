using System.Text;
using System.Text.Json;
using OssProxy.Core.Grants;
using OssProxy.Core.Oss;

namespace OssProxy.Tests.Grants;

/// <summary>Policies are proved as the official SDKs prove them.</summary>
public sealed class PostSignatureSpecs
{
    public static TheoryData<string> Ids
    {
        get
        {
            var ids = new TheoryData<string>();
            foreach (var item in Cases())
                ids.Add(item.GetProperty("id").GetString()!);
            return ids;
        }
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void The_signature_is_that_of_the_official_sdks(string id)
    {
        var item = Cases().Single(one => one.GetProperty("id").GetString() == id);
        var (input, expected) = (item.GetProperty("input"), item.GetProperty("expected"));
        var text = Convert.ToBase64String(Encoding.UTF8.GetBytes(input.GetProperty("policyJson").GetString()!));
        var secret = input.GetProperty("credentials").GetProperty("accessKeySecret").GetString()!;

        text.Should().Be(expected.GetProperty("stringToSign").GetString());
        var signature = item.GetProperty("version").GetString() == "v1"
            ? PostSignature.V1(secret, text)
            : PostSignature.V4(secret, input.GetProperty("region").GetString()!, input.GetProperty("signTime").GetString()![..8], text);

        signature.Should().Be(expected.GetProperty("signature").GetString());
    }

    [Theory]
    [InlineData(PolicyVersion.V1)]
    [InlineData(PolicyVersion.V4)]
    public void The_fields_prove_the_policy_and_are_conditions_of_it_where_the_version_demands(PolicyVersion version)
    {
        var now = new DateTimeOffset(2025, 3, 4, 8, 9, 10, TimeSpan.Zero);
        var policy = new PostPolicy(now.AddHours(1), "examplebucket", new SizeRange(1, 1024));

        var signed = PostSignature.Sign(policy, version, new OssCredentials("STS.EXAMPLE", "example-sts-secret", "CAIS/token+=="), "cn-hangzhou", now);

        var fields = signed.Fields.ToDictionary(field => field.Key, field => field.Value);
        using var document = JsonDocument.Parse(Convert.FromBase64String(signed.Policy));
        document.RootElement.GetProperty("expiration").GetString().Should().Be("2025-03-04T09:09:10.000Z");
        var pinned = document.RootElement.GetProperty("conditions").EnumerateArray()
            .Where(condition => condition.ValueKind == JsonValueKind.Array && condition[0].GetString() == "eq")
            .ToDictionary(condition => condition[1].GetString()![1..], condition => condition[2].GetString());
        fields["x-oss-security-token"].Should().Be("CAIS/token+==");
        pinned["x-oss-security-token"].Should().Be("CAIS/token+==");
        if (version == PolicyVersion.V1)
        {
            fields["OSSAccessKeyId"].Should().Be("STS.EXAMPLE");
            fields["Signature"].Should().Be(PostSignature.V1("example-sts-secret", signed.Policy));
        }
        else
        {
            fields["x-oss-credential"].Should().Be("STS.EXAMPLE/20250304/cn-hangzhou/oss/aliyun_v4_request");
            foreach (var name in new[] { "x-oss-signature-version", "x-oss-credential", "x-oss-date" })
                pinned[name].Should().Be(fields[name]);
        }

        signed.ToString().Should().NotContain(signed.Policy).And.NotContain(signed.Signature);
    }

    private static List<JsonElement> Cases()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Vectors", "post-policy.json")));
        return document.RootElement.Clone().GetProperty("cases").EnumerateArray().ToList();
    }
}
