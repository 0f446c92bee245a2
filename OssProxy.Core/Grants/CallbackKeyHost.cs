using System.Diagnostics.CodeAnalysis;

namespace OssProxy.Core.Grants;

/// <summary>A place from which the key of a callback may come: exactly this host on exactly this port. The address that a callback gives is
/// taken apart and compared piece by piece; as a text, it could begin like a trusted one and name another.</summary>
internal sealed record CallbackKeyHost
{
    private readonly string? _scheme;
    private readonly string _host;
    private readonly int? _port;

    private CallbackKeyHost(string? scheme, string host, int? port) => (_scheme, _host, _port) = (scheme, host, port);

    /// <summary>Reads the configured list; null when one of it is no host.</summary>
    public static IReadOnlyList<CallbackKeyHost>? ParseList(string text)
    {
        var hosts = new List<CallbackKeyHost>();
        foreach (var entry in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!TryParse(entry, out var host))
                return null;
            hosts.Add(host);
        }

        return hosts;
    }

    /// <summary>Where to fetch the key that an address names; null when this is not its host. A name without a scheme is asked by https, however
    /// the address is written: whoever sits between us and a host without encryption could give us a key of their own.</summary>
    public Uri? Accept(Uri address)
    {
        if (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https") || address.UserInfo.Length > 0 || address.Fragment.Length > 0
            || !string.Equals(address.IdnHost, _host, StringComparison.OrdinalIgnoreCase))
            return null;
        if (_scheme is not null)
            return address.Scheme == _scheme && address.Port == _port ? address : null;

        // At the root, as the service has it: below made-up folders there would be addresses without end.
        return address.IsDefaultPort && address.Segments.Length == 2 ? new UriBuilder(address) { Scheme = Uri.UriSchemeHttps, Port = -1 }.Uri : null;
    }

    private static bool TryParse(string entry, [NotNullWhen(true)] out CallbackKeyHost? host)
    {
        host = null;
        var written = entry.Contains("://", StringComparison.Ordinal);
        if (!Uri.TryCreate(written ? entry : "https://" + entry, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")
            || uri.UserInfo.Length > 0 || uri.AbsolutePath != "/" || uri.Query.Length > 0 || uri.Fragment.Length > 0 || uri.Host.Length == 0
            || (!written && entry.Contains(':', StringComparison.Ordinal)))
            return false;
        host = written ? new CallbackKeyHost(uri.Scheme, uri.IdnHost, uri.Port) : new CallbackKeyHost(null, uri.IdnHost, null);
        return true;
    }
}
