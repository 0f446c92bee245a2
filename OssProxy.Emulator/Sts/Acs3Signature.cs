using System.Security.Cryptography;
using System.Text;
using OssProxy.Emulator.Http;

namespace OssProxy.Emulator.Sts;

/// <summary>ACS3-HMAC-SHA256: the parts of its Authorization header, and what it signs.</summary>
internal sealed record Acs3Signature(string AccessKeyId, IReadOnlyList<string> SignedHeaders, string Provided)
{
    private const string Algorithm = "ACS3-HMAC-SHA256";

    public static bool IsUsedBy(string authorization) => authorization.StartsWith(Algorithm + " ", StringComparison.Ordinal);

    /// <exception cref="Errors.OssException">A part that is missing, doubled or unknown, or names that are not in order.</exception>
    public static Acs3Signature Parse(string authorization)
    {
        string? id = null, names = null, provided = null;
        foreach (var part in authorization[(Algorithm.Length + 1)..].Split(',', StringSplitOptions.TrimEntries))
        {
            var equals = part.IndexOf('=');
            var content = equals < 0 ? "" : part[(equals + 1)..];
            switch (equals < 0 ? "" : part[..equals])
            {
                case "Credential" when id is null:
                    id = content;
                    break;
                case "SignedHeaders" when names is null:
                    names = content;
                    break;
                case "Signature" when provided is null:
                    provided = content;
                    break;
                default:
                    throw StsErrors.IncompleteSignature("Authorization has a part that is unknown or there twice.");
            }
        }

        return id is { Length: > 0 } && names is { Length: > 0 } && provided is { Length: > 0 }
            ? new(id, names.Split(';'), provided)
            : throw StsErrors.IncompleteSignature("Authorization needs Credential, SignedHeaders and Signature.");
    }

    /// <summary>Everything that steers the call must be under the signature: the host, the type of the body, every x-acs header.</summary>
    public void CheckCoverage(StsRequest request)
    {
        var unsigned = request.Headers.Keys.Where(MustBeSigned).Append("host").FirstOrDefault(name => !SignedHeaders.Contains(name, StringComparer.Ordinal));
        if (unsigned is not null)
            throw StsErrors.IncompleteSignature($"{unsigned} is not signed.");

        if (SignedHeaders.FirstOrDefault(name => request.Header(name) is null) is { } absent)
            throw StsErrors.IncompleteSignature($"{absent} is signed but absent.");
    }

    public string CanonicalRequest(StsRequest request)
    {
        var text = new StringBuilder().Append(request.Method).Append("\n/\n").AppendJoin('&', request.Query
            .Select(p => (Name: PercentEncoding.Encode(p.Key), Value: PercentEncoding.Encode(p.Value)))
            .OrderBy(p => p.Name, StringComparer.Ordinal)
            .Select(p => $"{p.Name}={p.Value}"));
        text.Append('\n');
        var ordered = SignedHeaders.Order(StringComparer.Ordinal).ToList();
        foreach (var name in ordered)
            text.Append(name).Append(':').Append(request.Header(name)).Append('\n');

        return text.Append('\n').AppendJoin(';', ordered).Append('\n').Append(HashOf(request.Body)).ToString();
    }

    public static string StringToSign(string canonicalRequest) => $"{Algorithm}\n{HashOf(Encoding.UTF8.GetBytes(canonicalRequest))}";

    public static string Sign(string secret, string stringToSign) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(stringToSign)));

    public static string HashOf(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static bool MustBeSigned(string name) => name == "content-type" || name.StartsWith("x-acs-", StringComparison.Ordinal);
}
