using System.Security.Cryptography;
using System.Text;

namespace OssProxy.Core.Sts;

/// <summary><c>ACS3-HMAC-SHA256</c>: method, path, query, signed headers and the hash of the body. Pure; the secret itself is the key. (Alibaba
/// Cloud SDK reference: "V3 request body and signature method".)</summary>
internal static class Acs3Signature
{
    public const string Algorithm = "ACS3-HMAC-SHA256";

    /// <summary>The hash of a body without a byte: parameters travel in the query.</summary>
    public const string EmptyPayload = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// <summary>The query, encoded, by the bytes of its names; an empty value keeps its equals sign.</summary>
    public static string CanonicalQuery(IEnumerable<KeyValuePair<string, string>> query) => RpcSignature.CanonicalQuery(query);

    /// <param name="path">The encoded path, <c>/</c> at least.</param>
    /// <param name="headers">The headers to sign: <c>host</c>, <c>content-type</c> where there is one, and every <c>x-acs-…</c>; names in
    /// lower case, ordinal order.</param>
    public static string CanonicalRequest(
        string method, string path, string canonicalQuery, SortedDictionary<string, string> headers, string payloadHash)
    {
        var text = new StringBuilder().Append(method).Append('\n').Append(path).Append('\n').Append(canonicalQuery).Append('\n');
        foreach (var (name, value) in headers)
            text.Append(name).Append(':').Append(value.Trim()).Append('\n');
        return text.Append('\n').Append(SignedHeaders(headers)).Append('\n').Append(payloadHash).ToString();
    }

    public static string StringToSign(string canonicalRequest) =>
        $"{Algorithm}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonicalRequest)))}";

    public static string Sign(string secret, string stringToSign) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(stringToSign)));

    /// <summary>The value of the header <c>Authorization</c>.</summary>
    public static string Authorization(string accessKeyId, SortedDictionary<string, string> headers, string signature) =>
        $"{Algorithm} Credential={accessKeyId},SignedHeaders={SignedHeaders(headers)},Signature={signature}";

    private static string SignedHeaders(SortedDictionary<string, string> headers) => string.Join(';', headers.Keys);
}
