using System.Text;

namespace OssProxy.Core.Storage;

/// <summary>Percent-encoding by the letter of RFC 3986: everything but <c>A–Z a–z 0–9 - _ . ~</c>, as upper-case escapes of the UTF-8
/// bytes; and back. <see cref="Uri.EscapeDataString(string)"/> does the same for well-formed text but replaces lone surrogates silently; ours refuses
/// them.</summary>
internal static class PercentEncoding
{
    private const string Hex = "0123456789ABCDEF";
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text in encoded form.</summary>
    /// <param name="keepSlash">Whether slashes stay, as they do between the segments of a path.</param>
    /// <exception cref="EncoderFallbackException">The text holds half a surrogate pair.</exception>
    public static string Encode(string text, bool keepSlash)
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

    /// <summary>The text that an encoded form stands for; null when an escape is none, or the whole is no UTF-8.</summary>
    public static string? Decode(string text)
    {
        try
        {
            var bytes = new List<byte>(text.Length);
            for (var at = 0; at < text.Length;)
            {
                var escape = text.IndexOf('%', at);
                bytes.AddRange(Utf8.GetBytes(text[at..(escape < 0 ? text.Length : escape)]));
                if (escape < 0)
                    break;
                if (escape + 2 >= text.Length || !char.IsAsciiHexDigit(text[escape + 1]) || !char.IsAsciiHexDigit(text[escape + 2]))
                    return null;
                bytes.Add(Convert.FromHexString(text.AsSpan(escape + 1, 2))[0]);
                at = escape + 3;
            }

            return Utf8.GetString([.. bytes]);
        }
        catch (ArgumentException)
        {
            // What cannot be text: bytes that are no UTF-8, or half a surrogate pair.
            return null;
        }
    }
}
