using System.Buffers;
using System.Text;
using Microsoft.Net.Http.Headers;
using OssProxy.Core.Uploads;

namespace OssProxy.Api.Forms;

/// <summary>
/// What the head of a part says. Refuses what two readers may read in two ways (folded lines, control characters, a parameter given
/// twice), so that no content is taken for another part's. RFC 7578, section 4.2.
/// </summary>
/// <param name="Field">The field's name.</param>
/// <param name="FileName">The file's name, empty when nothing was chosen; null when the part is text.</param>
internal sealed record PartHead(string Field, string? FileName)
{
    private const string NameStarParameter = "name*";
    private const string FileNameParameter = "filename";
    private const string FileNameStarParameter = "filename*";

    private const int MaxHeaders = 16;

    private static readonly SearchValues<byte> Token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>Reads the head of a part: its lines, without the last line break.</summary>
    /// <exception cref="UploadException"><see cref="UploadError.FormMalformed"/> or <see cref="UploadError.FormTooComplex"/>.</exception>
    public static PartHead Parse(ReadOnlySpan<byte> lines)
    {
        if (!ContentDispositionHeaderValue.TryParse(DispositionIn(lines), out var disposition)
            || !disposition.DispositionType.Equals("form-data", StringComparison.OrdinalIgnoreCase))
            throw Malformed("A part does not say that it is form data.");

        var given = disposition.Parameters.Select(parameter => parameter.Name.ToString()).ToList();
        if (given.Distinct(StringComparer.OrdinalIgnoreCase).Count() < given.Count)
            throw Malformed("A part gives a parameter twice.");
        if (given.Contains(NameStarParameter, StringComparer.OrdinalIgnoreCase))
            throw Malformed("A part gives its name in a way that is not for forms.");

        return new PartHead(Raw(disposition, "name") ?? throw Malformed("A part has no name."), FileNameOf(disposition));
    }

    // The other headers are checked and forgotten: what the client says of the type is not believed.
    private static string? DispositionIn(ReadOnlySpan<byte> lines)
    {
        string? found = null;
        for (var headers = 1; !lines.IsEmpty; headers++)
        {
            if (headers > MaxHeaders)
                throw new UploadException(UploadError.FormTooComplex, $"A part has more than {MaxHeaders} headers.");

            var end = lines.IndexOf("\r\n"u8);
            var line = end < 0 ? lines : lines[..end];
            lines = end < 0 ? [] : lines[(end + 2)..];

            var colon = line.IndexOf((byte)':');
            if (colon <= 0 || line[..colon].ContainsAnyExcept(Token))
                throw Malformed("A line of a part's head is folded or no header.");

            // Decoded before it is parsed, and in one piece: the last byte of a character in GBK may be a backslash, which would make a quoted
            // pair of the quote behind it. Quote, semicolon and line break are never bytes of a character, in neither encoding.
            var value = FormText.Of(line[(colon + 1)..]).Trim(' ', '\t');
            if (value.Any(static c => char.IsControl(c) && c != '\t'))
                throw Malformed("A part's header holds control characters.");
            if (!Ascii.EqualsIgnoreCase(line[..colon], "Content-Disposition"u8))
                continue;
            if (found is not null)
                throw Malformed("A part has its Content-Disposition twice.");
            found = value;
        }

        return found;
    }

    private static string? FileNameOf(ContentDispositionHeaderValue disposition)
    {
        var plain = Raw(disposition, FileNameParameter);
        var extended = Raw(disposition, FileNameStarParameter);
        if ((plain ?? extended) is not { } raw)
            return null;

        try
        {
            var decoded = disposition.FileNameStar;
            if (decoded.HasValue && (plain is null || IsUnbroken(extended, decoded.AsSpan())))
                return HeaderUtilities.RemoveQuotes(decoded).ToString();

            // Of the quoted pairs only that of the quote: to Internet Explorer the backslash is one of a path.
            return HeaderUtilities.RemoveQuotes(disposition.FileName).ToString().Replace("\\\"", "\"", StringComparison.Ordinal);
        }
        catch (NotSupportedException)
        {
            // A name in UTF-7: the platform refuses to decode it, and does so with an exception that is not of parsing.
            return raw;
        }
    }

    // What is escaped wrongly, or is no text in the encoding that it names, is left as it stands or replaced by the platform.
    private static bool IsUnbroken(ReadOnlySpan<char> escaped, ReadOnlySpan<char> decoded)
    {
        for (var at = escaped.IndexOf('%'); at >= 0; at = escaped.IndexOf('%'))
        {
            escaped = escaped[(at + 1)..];
            if (escaped.Length < 2 || !char.IsAsciiHexDigit(escaped[0]) || !char.IsAsciiHexDigit(escaped[1]))
                return false;
        }

        return !decoded.Contains('\uFFFD');
    }

    private static string? Raw(ContentDispositionHeaderValue disposition, string name) =>
        disposition.Parameters.FirstOrDefault(parameter => parameter.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } found
            ? HeaderUtilities.RemoveQuotes(found.Value).ToString()
            : null;

    private static UploadException Malformed(string message) => new(UploadError.FormMalformed, message);
}
