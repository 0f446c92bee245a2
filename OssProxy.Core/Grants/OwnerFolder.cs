using System.Security.Cryptography;
using System.Text;
using OssProxy.Core.Uploads;

namespace OssProxy.Core.Grants;

/// <summary>
/// The folder below which somebody may choose the keys of their files. Users of ours have their number, as the first clients expect; everybody
/// else their kind and their name, so that no two owners ever share one. Who is not known gets a new one each time: a folder that
/// a guest could name again would be open to every other guest.
/// </summary>
internal static class OwnerFolder
{
    private const int LongestName = 64;
    private const int RandomBytes = 8;

    /// <summary>A folder without slashes.</summary>
    public static string Of(Sender sender)
    {
        var colon = sender.Owner.IndexOf(':', StringComparison.Ordinal);
        var (kind, name) = colon < 0 ? (sender.Owner, "") : (sender.Owner[..colon], sender.Owner[(colon + 1)..]);
        return kind switch
        {
            "" or "guest" => "guest-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes)),
            "user" => name,
            _ when name.Length == 0 => kind,
            _ => $"{kind}-{Plain(name)}",
        };
    }

    // A tilde is in no plain name, so what is hashed is never what somebody else is called.
    private static string Plain(string name) =>
        name.Length <= LongestName && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_')
            ? name : "~" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..32];
}
