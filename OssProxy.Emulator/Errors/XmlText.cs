using System.Globalization;
using System.Text;

namespace OssProxy.Emulator.Errors;

/// <summary>
/// Writes the service's documents by hand: upper-case "UTF-8" in the declaration, no namespace, and control
/// characters as references, so that a key with U+0001 listed without <c>encoding-type=url</c> breaks a strict
/// parser here as it does there.
/// </summary>
internal sealed class XmlText
{
    private readonly StringBuilder _text = new("""<?xml version="1.0" encoding="UTF-8"?>""" + "\n");
    private readonly Stack<string> _open = new();

    public XmlText Open(string name)
    {
        _text.Append('<').Append(name).Append('>');
        _open.Push(name);
        return this;
    }

    public XmlText Close()
    {
        _text.Append("</").Append(_open.Pop()).Append('>');
        return this;
    }

    public XmlText Element(string name, string value)
    {
        _text.Append('<').Append(name).Append('>');
        Escape(value);
        _text.Append("</").Append(name).Append('>');
        return this;
    }

    public XmlText Element(string name, long value) => Element(name, value.ToString(CultureInfo.InvariantCulture));

    public XmlText Element(string name, bool value) => Element(name, value ? "true" : "false");

    public XmlText Element(string name, DateTimeOffset value) => Element(name, Iso(value));

    /// <summary>ISO 8601 with milliseconds and Z, the form of every time in an OSS document.</summary>
    public static string Iso(DateTimeOffset value) =>
        value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public byte[] ToBytes()
    {
        while (_open.Count > 0)
            Close();

        return Encoding.UTF8.GetBytes(_text.ToString());
    }

    private void Escape(string value)
    {
        foreach (var c in value)
        {
            _ = c switch
            {
                '&' => _text.Append("&amp;"),
                '<' => _text.Append("&lt;"),
                '>' => _text.Append("&gt;"),
                '"' => _text.Append("&quot;"),
                '\t' or '\n' => _text.Append(c),
                < ' ' => _text.Append("&#").Append((int)c).Append(';'),
                _ => _text.Append(c),
            };
        }
    }
}
