using System.Buffers;
using System.Collections.Immutable;
using System.Text;

namespace OssProxy.Core.FileTypes;

/// <summary>
/// Text that a browser or a template engine would take for markup. Stricter than WHATWG MIME Sniffing 7.1, which matches a list of tags at
/// the very beginning: here any text that begins with a tag, a declaration or an instruction is markup, and the tags that load or run
/// something count anywhere in the head, since comments, white space and prose before them have fooled sniffers.
/// </summary>
internal static class Markup
{
    private static readonly SearchValues<byte> TagNameEnds = SearchValues.Create(" \t\r\n\f/"u8);

    // Those of the sniffing table that are not words of prose or code (<a>, <b>, <p>, List<Object>), and those that run something.
    private static readonly ImmutableArray<byte[]> ActiveTags =
    [
        .. new[] { "html", "head", "body", "script", "iframe", "frame", "frameset", "applet", "embed", "meta", "foreignobject" }
            .Select(Encoding.ASCII.GetBytes),
    ];

    /// <summary>What kind of markup the text is, or null when it is none.</summary>
    /// <param name="text">One byte per character, as <see cref="TextEncodings.ToAsciiView"/> gives it.</param>
    public static string? NameOf(ReadOnlySpan<byte> text)
    {
        var isXml = false;
        for (var rest = text; rest.IndexOf((byte)'<') is var at and >= 0;)
        {
            rest = rest[(at + 1)..];
            if (StartsWithWord(rest, "?php"u8) || rest.StartsWith("?="u8) || (rest.Length > 1 && rest[0] == '?' && IsSpace(rest[1])))
                return "php";
            if (rest.StartsWith("%@"u8) || rest.StartsWith("%="u8) || rest.StartsWith("%!"u8))
                return "server page";
            if (StartsWithWord(rest, "!doctype html"u8))
                return "html";

            isXml |= StartsWithWord(rest, "?xml"u8) || StartsWithWord(rest, "!doctype"u8)
                || StartsWithWord(rest, "!entity"u8) || StartsWithWord(rest, "![cdata["u8);
            if (!rest.IsEmpty && char.IsAsciiLetter((char)rest[0]) && NameOfTag(rest) is { } name)
                return name;
        }

        if (isXml)
            return "xml";

        return BeginsLikeMarkup(text) ? "html" : null;
    }

    private static bool BeginsLikeMarkup(ReadOnlySpan<byte> text)
    {
        text = text.TrimStart(" \t\r\n\f"u8);
        return text.Length > 1 && text[0] == '<'
            && (char.IsAsciiLetter((char)text[1]) || text[1] is (byte)'!' or (byte)'?' or (byte)'/' or (byte)'%');
    }

    /// <summary>Looks at one tag, from its name to where it, or the next one, begins or ends.</summary>
    private static string? NameOfTag(ReadOnlySpan<byte> tag)
    {
        var end = tag.IndexOfAny((byte)'<', (byte)'>');
        tag = end < 0 ? tag : tag[..end];
        var nameEnd = tag.IndexOfAny(TagNameEnds);
        var name = nameEnd < 0 ? tag : tag[..nameEnd];
        var prefix = name.IndexOf((byte)':'); // <svg:svg xmlns:svg="…">
        if (prefix >= 0)
        {
            if (Ascii.EqualsIgnoreCase(name[..prefix], "hta"u8))
                return "hta";
            name = name[(prefix + 1)..];
        }

        if (Ascii.EqualsIgnoreCase(name, "svg"u8))
            return "svg";

        foreach (var active in ActiveTags)
        {
            if (Ascii.EqualsIgnoreCase(name, active))
                return "html";
        }

        return nameEnd >= 0 && HasEventHandler(tag[nameEnd..]) ? "html" : null;
    }

    /// <summary>Whether an attribute is called on… and has a value. Attributes may be parted by white space, a slash, or only the quote
    /// that ends the one before.</summary>
    private static bool HasEventHandler(ReadOnlySpan<byte> attributes)
    {
        for (var i = 0; i + 3 < attributes.Length; i++)
        {
            if (!IsSpace(attributes[i]) && attributes[i] is not ((byte)'/' or (byte)'"' or (byte)'\''))
                continue;
            if ((attributes[i + 1] | 0x20) != 'o' || (attributes[i + 2] | 0x20) != 'n')
                continue;

            var end = i + 3;
            while (end < attributes.Length && char.IsAsciiLetter((char)attributes[end]))
                end++;
            var hasName = end > i + 3;
            while (end < attributes.Length && IsSpace(attributes[end]))
                end++;
            if (hasName && end < attributes.Length && attributes[end] == '=')
                return true;

            i = end - 2; // the character before the one that stopped the word may part attributes
        }

        return false;
    }

    private static bool StartsWithWord(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word) =>
        text.Length >= word.Length && Ascii.EqualsIgnoreCase(text[..word.Length], word);

    private static bool IsSpace(byte value) => value is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)'\f';
}
