using System.Security.Cryptography;
using System.Text;
using OssProxy.Emulator.Http;

namespace OssProxy.Emulator.Sts;

/// <summary>HMAC-SHA1 over the parameters of an RPC call, version 1.0.</summary>
internal static class RpcSignature
{
    public const string Method = "HMAC-SHA1";
    public const string Version = "1.0";

    public static string CanonicalQuery(IReadOnlyDictionary<string, string> parameters) => string.Join('&', parameters
        .Where(p => p.Key != "Signature")
        .OrderBy(p => p.Key, StringComparer.Ordinal)
        .Select(p => $"{PercentEncoding.Encode(p.Key)}={PercentEncoding.Encode(p.Value)}"));

    public static string StringToSign(StsRequest request) => $"{request.Method}&%2F&{PercentEncoding.Encode(CanonicalQuery(request.Parameters))}";

    public static string Sign(string secret, string stringToSign) =>
        Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret + "&"), Encoding.UTF8.GetBytes(stringToSign)));
}
