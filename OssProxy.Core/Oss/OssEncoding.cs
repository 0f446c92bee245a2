using System.Text;

namespace OssProxy.Core.Oss;

/// <summary>Percent-encoding by the letter of RFC 3986: everything but <c>A–Z a–z 0–9 - _ . ~</c>, as upper-case escapes of the UTF-8
/// bytes. <see cref="Uri.EscapeDataString(string)"/> does the same for well-formed text but replaces lone surrogates silently; ours refuses
/// them.</summary>
internal static class OssEncoding
{
    private const string Hex = "0123456789ABCDEF";
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The name or value of a query parameter: a slash is escaped too.</summary>
    public static string Query(string text) => Encode(text, keepSlash: false);

    /// <summary>An object key in a path: slashes stay.</summary>
    public static string Path(string text) => Encode(text, keepSlash: true);

    /// <summary>Undoes <c>encoding-type=url</c>. Official clients read a plus as a space (aliyun-oss-csharp-sdk, form rules), so the
    /// service cannot send a bare one that means itself (docs/oss-assumptions.md A11).</summary>
    public static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));

    /// <summary>A query in the order given: <c>name=value</c>, or <c>name</c> alone when the value is empty.</summary>
    public static string Query(IEnumerable<KeyValuePair<string, string>> parameters)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in parameters)
        {
            if (text.Length > 0)
                text.Append('&');

            text.Append(Query(name));
            if (value.Length > 0)
                text.Append('=').Append(Query(value));
        }

        return text.ToString();
    }

    private static string Encode(string text, bool keepSlash)
    {
        var encoded = new StringBuilder(text.Length + 16);
        foreach (var b in Utf8.GetBytes(text))
        {
            var c = (char)b;
            if (char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '~' || (keepSlash && c == '/'))
                encoded.Append(c);
            else
                encoded.Append('%').Append(Hex[b >> 4]).Append(Hex[b & 15]);
        }

        return encoded.ToString();
    }
}
