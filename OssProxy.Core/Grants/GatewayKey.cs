using System.Security.Cryptography;
using System.Text;

namespace OssProxy.Core.Grants;

/// <summary>
/// The key with which forms for our own gateway are signed. It is none of the store's: what it signs is worth nothing there. The id that
/// clients send names the grant, which tells the gateway under which class and for whom a file comes.
/// </summary>
public sealed class GatewayKey
{
    /// <summary>The region of V4 scopes at the gateway.</summary>
    public const string Region = "ossproxy";

    private const string Prefix = "OSSPROXY-";
    private const string FileName = "grants.key";
    private const int SecretBytes = 32;

    private GatewayKey(string secret) => Secret = secret;

    internal string Secret { get; }

    /// <summary>The id that names a grant.</summary>
    public static string IdOf(string token) => Prefix + token;

    /// <summary>The token that an id names; null when it is none of ours.</summary>
    public static string? TokenIn(string id) =>
        id.StartsWith(Prefix, StringComparison.Ordinal) && id.Length > Prefix.Length ? id[Prefix.Length..] : null;

    /// <summary>The key of this deployment: the configured one; or one derived from the store's secret, which all nodes have; or one of this
    /// node's own, made once and kept in its data folder.</summary>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    public static GatewayKey Of(string configured, string storeSecret, string dataFolder)
    {
        if (configured.Length > 0)
            return new GatewayKey(configured);
        return new GatewayKey(storeSecret.Length > 0 ? Derived(storeSecret) : Kept(dataFolder));
    }

    public override string ToString() => "***";

    private static string Derived(string storeSecret) => Convert.ToHexStringLower(HKDF.DeriveKey(
        HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(storeSecret), SecretBytes, info: "ossproxy upload gateway"u8.ToArray()));

    private static string Kept(string dataFolder)
    {
        var path = Path.Combine(Directory.CreateDirectory(dataFolder).FullName, FileName);
        if (File.Exists(path) && File.ReadAllText(path).Trim() is { Length: SecretBytes * 2 } kept)
            return kept;

        var made = RandomNumberGenerator.GetHexString(SecretBytes * 2, lowercase: true);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, options);
        file.Write(Encoding.ASCII.GetBytes(made));
        file.Flush(flushToDisk: true);
        return made;
    }
}
