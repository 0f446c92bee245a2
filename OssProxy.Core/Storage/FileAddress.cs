using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace OssProxy.Core.Storage;

/// <summary>
/// The address of a file as a client tells it, taken apart so that it can be compared whole: <c>http://img.example.com.evil/</c> begins like
/// one of ours and is none. Query and fragment are dropped. Nothing is folded or guessed: an address that browsers would put right is
/// compared as it stands, and is then nobody's.
/// </summary>
public sealed record FileAddress
{
    private FileAddress(string? origin, string path) => (Origin, Path) = (origin, path);

    /// <summary>Scheme, host and port in lower case, the port always told: <c>https://img.example.com:443</c>; null for an address that begins
    /// with its path.</summary>
    public string? Origin { get; }

    /// <summary>The path without escapes; begins with a slash.</summary>
    public string Path { get; }

    /// <summary>Reads an http(s) address, or one slash and a path; false for anything else, and for escapes that are no UTF-8.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out FileAddress? address)
    {
        address = null;

        // Browsers read a backslash as a slash, also where the host ends.
        if (text is null || text.Contains('\\', StringComparison.Ordinal))
            return false;

        string? origin = null;
        var rest = text;
        if (!text.StartsWith('/'))
        {
            if (SchemeOf(text) is not var (scheme, defaultPort))
                return false;
            rest = text[(scheme.Length + 3)..];
            var end = rest.AsSpan().IndexOfAny('/', '?', '#');
            origin = OriginOf(scheme, end < 0 ? rest : rest[..end], defaultPort);
            if (origin is null)
                return false;
            rest = end < 0 ? "/" : rest[end] == '/' ? rest[end..] : "/" + rest[end..];
        }

        // Two slashes would begin with a host.
        if (origin is null && rest.StartsWith("//", StringComparison.Ordinal))
            return false;
        var tail = rest.AsSpan().IndexOfAny('?', '#');
        if (PercentEncoding.Decode(tail < 0 ? rest : rest[..tail]) is not { } path)
            return false;
        address = new FileAddress(origin, path);
        return true;
    }

    private static (string Scheme, int Port)? SchemeOf(string text) =>
        text.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? ("https", 443)
        : text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? ("http", 80)
        : null;

    // Who names a user, even an empty one, hides the host from whoever reads the address.
    private static string? OriginOf(string scheme, string authority, int defaultPort)
    {
        if (authority.Contains('@', StringComparison.Ordinal))
            return null;
        var colon = authority.LastIndexOf(':');
        var hasPort = colon > authority.LastIndexOf(']');
        var host = hasPort ? authority[..colon] : authority;
        var written = hasPort ? authority[(colon + 1)..] : "";
        var port = (ushort)defaultPort;
        return host.Length > 0 && (written.Length == 0 || ushort.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out port))
            ? string.Create(CultureInfo.InvariantCulture, $"{scheme}://{host.ToLowerInvariant()}:{port}")
            : null;
    }
}
