using System.Security.Cryptography;
using System.Text;
using OssProxy.Core.Oss;

namespace OssProxy.Core.Grants;

/// <summary>
/// The proof of a policy: V1 is HMAC-SHA1 with the secret, V4 is HMAC-SHA256 with the key of the day, both over the Base64 text as it is
/// sent. With V4 everything that the proof consists of must also be a condition. (OSS API reference: PostObject, "V4".)
/// </summary>
public static class PostSignature
{
    /// <summary>Adds to a policy what its version demands and proves it.</summary>
    /// <param name="now">The time by the store's clock.</param>
    public static SignedPolicy Sign(PostPolicy policy, PolicyVersion version, OssCredentials credentials, string region, DateTimeOffset now) =>
        version == PolicyVersion.V1 ? SignV1(policy, credentials) : SignV4(policy, credentials, region, now);

    /// <summary>V1: Base64 of the HMAC-SHA1.</summary>
    public static string V1(string secret, string policy) =>
        Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes(policy)));

    /// <summary>V4: lower-case hexadecimal digits of the HMAC-SHA256.</summary>
    /// <param name="day"><c>yyyyMMdd</c>, of the scope.</param>
    public static string V4(string secret, string region, string day, string policy)
    {
        var signer = new OssSignerV4(region);
        return OssSignerV4.Sign(signer.SigningKey(secret, day), policy);
    }

    private static SignedPolicy SignV1(PostPolicy policy, OssCredentials credentials)
    {
        if (credentials.SecurityToken is { } token)
            policy.Pin("x-oss-security-token", token);
        var text = policy.ToBase64();
        var signature = V1(credentials.AccessKeySecret, text);
        return new SignedPolicy(PolicyVersion.V1, credentials, text, signature)
        {
            Fields =
            [
                .. policy.Fields,
                KeyValuePair.Create("OSSAccessKeyId", credentials.AccessKeyId),
                KeyValuePair.Create("policy", text),
                KeyValuePair.Create("Signature", signature),
            ],
        };
    }

    private static SignedPolicy SignV4(PostPolicy policy, OssCredentials credentials, string region, DateTimeOffset now)
    {
        var date = OssSignerV4.Timestamp(now);
        var credential = $"{credentials.AccessKeyId}/{date[..8]}/{region}/oss/aliyun_v4_request";
        policy.Pin("x-oss-signature-version", OssSignerV4.Algorithm).Pin("x-oss-credential", credential).Pin("x-oss-date", date);
        if (credentials.SecurityToken is { } token)
            policy.Pin("x-oss-security-token", token);
        var text = policy.ToBase64();
        var signature = V4(credentials.AccessKeySecret, region, date[..8], text);
        return new SignedPolicy(PolicyVersion.V4, credentials, text, signature)
        {
            Credential = credential,
            Date = date,
            Fields = [.. policy.Fields, KeyValuePair.Create("policy", text), KeyValuePair.Create("x-oss-signature", signature)],
        };
    }
}

/// <summary>The versions of a form's signature.</summary>
public enum PolicyVersion
{
    /// <summary>HMAC-SHA1; the only one that the oldest clients can send. The service withdraws it for new buckets since 2025.</summary>
    V1,

    /// <summary>HMAC-SHA256 with a key of the day.</summary>
    V4,
}

/// <summary>A policy and its proof. The secret is none of it; the policy and the signature together let their holder upload.</summary>
/// <param name="Version">Which signature.</param>
/// <param name="Credentials">Who signed.</param>
/// <param name="Policy">As it is sent.</param>
/// <param name="Signature">As it is sent.</param>
public sealed record SignedPolicy(PolicyVersion Version, OssCredentials Credentials, string Policy, string Signature)
{
    /// <summary>V4: who signed, in which scope.</summary>
    public string? Credential { get; init; }

    /// <summary>V4: when, <c>yyyyMMddTHHmmssZ</c>.</summary>
    public string? Date { get; init; }

    /// <summary>All fields to be sent before the file, in order.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Fields { get; init; }

    public override string ToString() => $"A policy of version {Version}, ***";
}
