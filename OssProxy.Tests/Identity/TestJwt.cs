using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace OssProxy.Tests.Identity;

/// <summary>Signs as the chat clients' server does.</summary>
internal static class TestJwt
{
    public static string Hs256(object claims, string secret)
    {
        var signed = Part("""{"alg":"HS256","typ":"JWT"}""") + "." + Part(JsonSerializer.Serialize(claims));
        return signed + "." + Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(signed)));
    }

    private static string Part(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
