using System.Text;

namespace OssProxy.Core.Storage;

/// <summary>Makes the public URL of an object: a fixed base, then the key percent-encoded segment by segment.</summary>
public sealed class ObjectLinks(string baseUrl)
{
    private readonly string _base = baseUrl.EndsWith('/') ? baseUrl : baseUrl + "/";

    /// <summary>The URL of an object, without a query: chat clients append <c>?x-oss-process=…</c> themselves.</summary>
    public string For(ObjectKey key) => _base + Encode(key);

    /// <summary>The key in URL form: everything but <c>A–Z a–z 0–9 - _ . ~ /</c> as upper-case percent escapes of its UTF-8.</summary>
    public static string Encode(ObjectKey key)
    {
        var text = new StringBuilder(key.Value.Length + 16);
        foreach (var b in Encoding.UTF8.GetBytes(key.Value))
        {
            if (char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'_' or (byte)'.' or (byte)'~' or (byte)'/')
                text.Append((char)b);
            else
                text.Append('%').Append(b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }

        return text.ToString();
    }
}
