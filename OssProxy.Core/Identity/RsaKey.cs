using System.Security.Cryptography;

namespace OssProxy.Core.Identity;

/// <summary>RSA keys as operators have them: as PEM, or as its Base64 alone, which is what Alipay's key tool shows.</summary>
internal static class RsaKey
{
    /// <summary>Shorter keys are refused.</summary>
    public const int FewestBits = 2048;

    /// <summary>A private key, PKCS#8 or PKCS#1; null when it cannot be read.</summary>
    public static RSAParameters? Private(Secret text) => Read(
        text.Reveal(), hasPrivatePart: true,
        (rsa, bytes) => rsa.ImportPkcs8PrivateKey(bytes, out _), (rsa, bytes) => rsa.ImportRSAPrivateKey(bytes, out _));

    /// <summary>A public key, SubjectPublicKeyInfo or PKCS#1; null when it cannot be read.</summary>
    public static RSAParameters? Public(string text) => Read(
        text, hasPrivatePart: false,
        (rsa, bytes) => rsa.ImportSubjectPublicKeyInfo(bytes, out _), (rsa, bytes) => rsa.ImportRSAPublicKey(bytes, out _));

    /// <summary>How long it is.</summary>
    public static int Bits(RSAParameters key) => key.Modulus!.Length * 8;

    private static RSAParameters? Read(string text, bool hasPrivatePart, params ReadOnlySpan<Action<RSA, byte[]>> forms)
    {
        using var rsa = RSA.Create();
        try
        {
            if (text.Contains("-----BEGIN", StringComparison.Ordinal))
            {
                rsa.ImportFromPem(text);
                return rsa.ExportParameters(hasPrivatePart);
            }
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            return null;
        }

        foreach (var form in forms)
        {
            try
            {
                form(rsa, Convert.FromBase64String(text));
                return rsa.ExportParameters(hasPrivatePart);
            }
            catch (Exception failure) when (failure is CryptographicException or FormatException)
            {
                // Perhaps the other form.
            }
        }

        return null;
    }
}
