using System.Security.Cryptography;
using System.Text;
using OssProxy.Core.Oss;

namespace OssProxy.Core.Sts;

/// <summary>Signature 1.0 of the service's RPC interfaces: HMAC-SHA1 over the method and all parameters, wherever they travel. Pure. (Alibaba
/// Cloud SDK reference: "V2 RPC-style request body and signature method".)</summary>
internal static class RpcSignature
{
    /// <summary>All parameters but the signature, encoded, by the bytes of their names.</summary>
    public static string CanonicalQuery(IEnumerable<KeyValuePair<string, string>> parameters) => string.Join('&', parameters
        .Where(one => one.Key != "Signature")
        .OrderBy(one => one.Key, StringComparer.Ordinal)
        .Select(one => $"{OssEncoding.Query(one.Key)}={OssEncoding.Query(one.Value)}"));

    public static string StringToSign(string method, string canonicalQuery) => $"{method}&%2F&{OssEncoding.Query(canonicalQuery)}";

    /// <summary>Base64 of the HMAC; the key is the secret and an ampersand.</summary>
    public static string Sign(string secret, string stringToSign) =>
        Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret + "&"), Encoding.UTF8.GetBytes(stringToSign)));
}
