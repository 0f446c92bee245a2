using System.Security.Cryptography;
using System.Text;
using OssProxy.Emulator.Errors;

namespace OssProxy.Emulator.Signatures;

/// <summary>Who is known here, and whether the token that came along is theirs.</summary>
internal sealed class CredentialList(IEnumerable<EmulatorCredential> credentials)
{
    private readonly EmulatorCredential[] _credentials = [.. credentials];

    /// <summary>Those that STS added while the emulator runs.</summary>
    public IssuedCredentials Issued { get; } = new();

    /// <summary>The first one that needs no token; null when all do.</summary>
    public EmulatorCredential? Permanent => Array.Find(_credentials, c => c.SecurityToken is null);

    /// <summary>Whose key id it is, before anything has been proved.</summary>
    public EmulatorCredential? Lookup(string accessKeyId) => Array.Find(_credentials, c => c.AccessKeyId.Trim() == accessKeyId) ?? Issued.Find(accessKeyId);

    public EmulatorCredential Find(string accessKeyId, string? securityToken, DateTimeOffset now)
    {
        var found = Lookup(accessKeyId) ?? throw OssErrors.InvalidAccessKeyId(accessKeyId);
        if (found.SecurityToken is null)
            return securityToken is null ? found : throw OssErrors.InvalidSecurityToken();

        if (securityToken is null)
        {
            // A temporary key id means nothing without its token.
            throw OssErrors.InvalidAccessKeyId(accessKeyId);
        }

        if (!Same(found.SecurityToken, securityToken))
            throw OssErrors.InvalidSecurityToken();

        return found.ExpiresAt is { } end && now >= end ? throw OssErrors.SecurityTokenExpired() : found;
    }

    /// <summary>Compares in a time that depends on the length alone.</summary>
    public static bool Same(string expected, string given) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(given));
}
