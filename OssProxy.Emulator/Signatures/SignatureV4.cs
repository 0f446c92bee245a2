using System.Security.Cryptography;
using System.Text;
using OssProxy.Emulator.Http;

namespace OssProxy.Emulator.Signatures;

/// <summary>The canonical request and the HMAC-SHA256 of signature V4, header and URL form.</summary>
internal static class SignatureV4
{
    public const string Algorithm = "OSS4-HMAC-SHA256";
    public const string UnsignedPayload = "UNSIGNED-PAYLOAD";

    /// <param name="additional">Names signed beyond the default ones, lower-case and sorted.</param>
    public static string CanonicalRequest(SignedRequest request, IReadOnlyList<string> additional)
    {
        var text = new StringBuilder().Append(request.Method).Append('\n').Append('/');
        if (request.Bucket is { } bucket)
        {
            // The bucket stands in the signed path in every addressing style, also where Host carries it.
            text.Append(PercentEncoding.Encode(bucket)).Append('/').Append(PercentEncoding.Encode(request.Key ?? "", keepSlash: true));
        }

        text.Append('\n').AppendJoin('&', request.Query.Items
            .Where(p => p.Name != "x-oss-signature")
            .Select(p => (Name: PercentEncoding.Encode(p.Name), Value: PercentEncoding.Encode(p.Value ?? "")))
            .OrderBy(p => p.Name, StringComparer.Ordinal)
            .Select(p => p.Value.Length == 0 ? p.Name : $"{p.Name}={p.Value}"));

        text.Append('\n');
        foreach (var (name, value) in request.ByName
            .Where(h => IsSignedByDefault(h.Key) || additional.Contains(h.Key, StringComparer.Ordinal))
            .OrderBy(h => h.Key, StringComparer.Ordinal))
        {
            text.Append(name).Append(':').Append(value).Append('\n');
        }

        return text.Append('\n').AppendJoin(';', additional).Append('\n').Append(UnsignedPayload).ToString();
    }

    public static string StringToSign(string date, SigningScope scope, string canonicalRequest) =>
        $"{Algorithm}\n{date}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonicalRequest)))}";

    public static byte[] SigningKey(string secret, SigningScope scope)
    {
        var key = HMACSHA256.HashData(Encoding.UTF8.GetBytes("aliyun_v4" + secret), Encoding.UTF8.GetBytes(scope.Date));
        key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(scope.Region));
        key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(scope.Product));
        return HMACSHA256.HashData(key, "aliyun_v4_request"u8);
    }

    public static string Sign(byte[] signingKey, string stringToSign) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(signingKey, Encoding.UTF8.GetBytes(stringToSign)));

    public static bool IsSignedByDefault(string lowerCaseName) =>
        lowerCaseName is "content-type" or "content-md5" || lowerCaseName.StartsWith("x-oss-", StringComparison.Ordinal);
}

/// <summary>The part of a credential behind the key id: <c>{date}/{region}/{product}/aliyun_v4_request</c>.</summary>
internal sealed record SigningScope(string Date, string Region, string Product)
{
    public override string ToString() => $"{Date}/{Region}/{Product}/aliyun_v4_request";

    /// <summary>Splits <c>{ak}/{date}/{region}/{product}/aliyun_v4_request</c>; null when it has another shape.</summary>
    public static (string AccessKeyId, SigningScope Scope)? Parse(string credential) =>
        credential.Split('/') is [{ Length: > 0 } id, var date, var region, var product, "aliyun_v4_request"] ? (id, new(date, region, product)) : null;
}
