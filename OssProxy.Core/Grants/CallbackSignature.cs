using System.Security.Cryptography;
using System.Text;

namespace OssProxy.Core.Grants;

/// <summary>
/// Whether the store has made a callback: RSA (PKCS#1 v1.5, MD5) over the decoded path, the query as it came, and the body. The signature
/// covers no header and never runs out, so a callback that comes twice proves nothing new and must change nothing. (OSS developer guide:
/// "Callback", verification.)
/// </summary>
public sealed class CallbackSignature(CallbackKeys keys)
{
    private const int LongestHeader = 4096;

    /// <summary>Refuses what the store has not signed.</summary>
    /// <param name="rawTarget">Path and query as they stood in the request line.</param>
    /// <param name="body">All bytes of the body.</param>
    /// <param name="authorization">The header <c>Authorization</c>: the signature in Base64.</param>
    /// <param name="keyAddress">The header <c>x-oss-pub-key-url</c>: where the key is, in Base64.</param>
    /// <exception cref="GrantException"><see cref="GrantError.CallbackRefused"/>, <see cref="GrantError.CallbackKeyRefused"/>,
    /// <see cref="GrantError.CallbackKeyUnavailable"/>.</exception>
    public async Task RequireAsync(
        string rawTarget, ReadOnlyMemory<byte> body, string? authorization, string? keyAddress, CancellationToken cancellationToken)
    {
        var signature = Decode(authorization) ?? throw Refused("It carries no signature.");
        var address = Decode(keyAddress) is { } bytes && Uri.TryCreate(Encoding.UTF8.GetString(bytes), UriKind.Absolute, out var uri)
            ? uri : throw Refused("It does not say where its key is.");
        var key = await keys.FindAsync(address, cancellationToken);
        if (!Holds(key, Signed(rawTarget, body.Span), signature))
            throw Refused("Its signature is wrong.");
    }

    /// <summary>What the signature is made over.</summary>
    internal static byte[] Signed(string rawTarget, ReadOnlySpan<byte> body)
    {
        var mark = rawTarget.IndexOf('?', StringComparison.Ordinal);
        var path = Uri.UnescapeDataString(mark < 0 ? rawTarget : rawTarget[..mark]);
        return [.. Encoding.UTF8.GetBytes(path + (mark < 0 ? "" : rawTarget[mark..]) + "\n"), .. body];
    }

    private static bool Holds(RSA key, byte[] text, byte[] signature)
    {
        // One key serves many callers at once, which the platform does not promise.
        lock (key)
            return key.VerifyData(text, signature, HashAlgorithmName.MD5, RSASignaturePadding.Pkcs1);
    }

    private static byte[]? Decode(string? header)
    {
        if (string.IsNullOrEmpty(header) || header.Length > LongestHeader)
            return null;
        var bytes = new byte[header.Length];
        return Convert.TryFromBase64String(header, bytes, out var length) ? bytes[..length] : null;
    }

    private static GrantException Refused(string why) => new(GrantError.CallbackRefused, "A callback is refused. " + why);
}
