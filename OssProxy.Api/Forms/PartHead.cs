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

            var value = Encoding.UTF8.GetString(line[(colon + 1)..]).Trim();
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
        var raw = Raw(disposition, FileNameParameter) ?? Raw(disposition, FileNameStarParameter);
        if (raw is null)
            return null;

        try
        {
            var decoded = disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName;
            return decoded.HasValue ? HeaderUtilities.RemoveQuotes(decoded).ToString() : raw;
        }
        catch (NotSupportedException)
        {
            // A name in UTF-7: the platform refuses to decode it, and does so with an exception that is not of parsing.
            return raw;
        }
    }

    private static string? Raw(ContentDispositionHeaderValue disposition, string name) =>
        disposition.Parameters.FirstOrDefault(parameter => parameter.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } found
            ? HeaderUtilities.RemoveQuotes(found.Value).ToString()
            : null;

    private static UploadException Malformed(string message) => new(UploadError.FormMalformed, message);
}
