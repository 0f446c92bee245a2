using System.Collections.Immutable;
using static OssProxy.Core.FileTypes.RefusalReason;

namespace OssProxy.Core.FileTypes;

/// <summary>
/// Text, the weakest of all findings: nothing marks it, it only lacks what other content has. So it must lack markup and scripts too, its
/// name must promise text, and without a name there must be enough of it to tell it from the beginning of something else.
/// </summary>
internal static class PlainText
{
    private const int LeastBytesWithoutName = 16;

    // Names under which browsers, servers and shells act on text.
    private static readonly ImmutableArray<string> ActiveExtensions =
    [
        ".html", ".htm", ".xhtml", ".shtml", ".xht", ".mht", ".mhtml", ".svg", ".xml", ".xsl", ".xslt", ".rss", ".atom", ".css", ".hta",
        ".js", ".mjs", ".cjs", ".jsx", ".ts", ".tsx", ".vue", ".wxs", ".wxml", ".php", ".php3", ".php4", ".php5", ".phtml", ".phar",
        ".asp", ".aspx", ".ashx", ".asmx", ".cshtml", ".jsp", ".jspx", ".cgi", ".pl", ".py", ".rb", ".lua", ".sh", ".bash", ".zsh",
        ".ps1", ".psm1", ".bat", ".cmd", ".vbs", ".vbe", ".jse", ".wsf", ".wsh", ".sct", ".reg", ".inf", ".url", ".desktop", ".lnk",
        ".command", ".htaccess", ".config",
    ];

    // What binary formats begin with in plain letters. A file that begins so and has not been recognised is broken or forged.
    private static readonly ImmutableArray<byte[]> MagicLetters =
    [
        [.. "GIF8"u8], [.. "RIFF"u8], [.. "OggS"u8], [.. "%PDF"u8], [.. "ID3\x02"u8], [.. "ID3\x03"u8], [.. "ID3\x04"u8], [.. "#!AMR"u8],
        [.. "PK\x03\x04"u8],
    ];

    public static Identification? Recognise(FileHead file)
    {
        Span<byte> narrowed = stackalloc byte[FileTypeCatalog.HeadBytes / 2];
        var ascii = TextEncodings.ToAsciiView(file.Bytes, narrowed);
        if ((Markup.NameOf(ascii) ?? Scripts.NameOf(ascii)) is { } active)
            return Identification.Refuse(ActiveContent, active);
        if (BeginsLikeBinary(file.Bytes) || !TextEncodings.IsText(file.Bytes, file.IsWhole))
            return null;

        if (file.NameAmong(ActiveExtensions.AsSpan()) is { } extension)
            return Identification.Refuse(ActiveContent, extension[1..]);
        if (file.HasNoExtension)
            return file.Length >= LeastBytesWithoutName ? Identification.Of(FileTypeCatalog.Txt) : null;

        return file.IsNamed(FileTypeCatalog.Txt.Extensions.AsSpan())
            ? Identification.Of(FileTypeCatalog.Txt)
            : Identification.Refuse(NameMismatch, "text");
    }

    private static bool BeginsLikeBinary(ReadOnlySpan<byte> bytes)
    {
        foreach (var letters in MagicLetters)
        {
            if (bytes.StartsWith(letters))
                return true;
        }

        return false;
    }
}
