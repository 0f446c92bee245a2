using System.Security.Cryptography;
using OssProxy.Emulator.Policies;

namespace OssProxy.Emulator.Signatures;

/// <summary>
/// The temporary credentials that STS gave out. In memory alone: they end with the process, as they would by themselves within hours.
/// Expired ones stay while there is room, so that their holders hear of the expiry and not of an unknown key.
/// </summary>
internal sealed class IssuedCredentials
{
    /// <summary>About 10 MB at most.</summary>
    public const int Capacity = 10_000;

    private const int TokenBytes = 192;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, EmulatorCredential> _byId = new(StringComparer.Ordinal);

    public EmulatorCredential? Find(string accessKeyId)
    {
        lock (_gate)
            return _byId.GetValueOrDefault(accessKeyId);
    }

    /// <summary>Null when so many are in force that there is no room for one more.</summary>
    public EmulatorCredential? Issue(SessionRights rights, DateTimeOffset expiresAt, DateTimeOffset now)
    {
        // Base64 with its plus, slash and equals signs on purpose: a client that does not encode them fails here as it would there.
        var credential = new EmulatorCredential
        {
            AccessKeyId = "STS." + RandomNumberGenerator.GetString("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz123456789", 24),
            AccessKeySecret = RandomNumberGenerator.GetString("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz123456789", 44),
            SecurityToken = "CAIS+/" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(TokenBytes + 1)),
            ExpiresAt = expiresAt,
            Session = rights,
        };
        lock (_gate)
        {
            if (_byId.Count >= Capacity)
            {
                foreach (var ended in _byId.Values.Where(c => now >= c.ExpiresAt).ToList())
                    _byId.Remove(ended.AccessKeyId);
            }

            return _byId.Count < Capacity && _byId.TryAdd(credential.AccessKeyId, credential) ? credential : null;
        }
    }
}
