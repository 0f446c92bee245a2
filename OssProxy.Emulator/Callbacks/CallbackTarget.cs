using System.Net;
using OssProxy.Emulator.Http;

namespace OssProxy.Emulator.Callbacks;

/// <summary>One of the URLs to call, its path and query exactly as they were written: they are signed and sent so.</summary>
/// <param name="Url">For the connection; never normalised.</param>
/// <param name="SignedPath">The path percent-decoded, followed by "?" and the undecoded query when there is one.</param>
internal sealed record CallbackTarget(Uri Url, string SignedPath)
{
    /// <summary>Null for what OSS would not call: another scheme, IPv6, user info, bytes that a URL may not hold.</summary>
    public static CallbackTarget? Parse(string text)
    {
        // Official samples leave the scheme out; http is meant (E25).
        if (!text.Contains("://", StringComparison.Ordinal))
            text = "http://" + text;

        if (text.Any(c => c is <= ' ' or > '~' or '#' or '\\'))
            return null;

        var authority = text.IndexOf("://", StringComparison.Ordinal) + 3;
        var end = text.AsSpan(authority).IndexOfAny('/', '?');
        var path = end < 0 ? "/" : text[(authority + end)..];
        if (path[0] == '?')
            path = "/" + path;

        var mark = path.IndexOf('?');
        if (!Uri.TryCreate((end < 0 ? text : text[..(authority + end)]) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }, out var url)
            || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps)
            || url.HostNameType is not (UriHostNameType.Dns or UriHostNameType.IPv4)
            || url.UserInfo.Length > 0
            || !PercentEncoding.TryDecode(mark < 0 ? path : path[..mark], out var decoded))
        {
            return null;
        }

        return new(url, mark < 0 ? decoded : decoded + path[mark..]);
    }

    /// <summary>An address that is not of the public internet. Of a name only the connection tells.</summary>
    public bool NamesPrivateAddress => IPAddress.TryParse(Url.Host, out var address) && PrivateAddress.Is(address);
}

/// <summary>IPv4 blocks that the internet does not route (IANA special-purpose registry), multicast and above.</summary>
internal static class PrivateAddress
{
    private static readonly IPNetwork[] Blocks =
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("127.0.0.0/8"),
        IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.0.0.0/24"), IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("198.18.0.0/15"), IPNetwork.Parse("224.0.0.0/3"),
    ];

    public static bool Is(IPAddress address) => Array.Exists(Blocks, block => block.Contains(address));
}
