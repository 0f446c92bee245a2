using System.Buffers;
using Microsoft.AspNetCore.WebUtilities;
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

    private static readonly SearchValues<char> Token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Reads the head of a part.</summary>
    /// <exception cref="UploadException"><see cref="UploadError.FormMalformed"/>.</exception>
    public static PartHead Of(MultipartSection section)
    {
        foreach (var (name, value) in section.Headers ?? [])
        {
            if (name.AsSpan().ContainsAnyExcept(Token) || value.ToString().Any(static c => char.IsControl(c) && c != '\t'))
                throw Malformed("A part's header is folded or holds control characters.");
        }

        if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)
            || !disposition.DispositionType.Equals("form-data", StringComparison.OrdinalIgnoreCase))
            throw Malformed("A part does not say that it is form data.");

        var given = disposition.Parameters.Select(parameter => parameter.Name.ToString()).ToList();
        if (given.Distinct(StringComparer.OrdinalIgnoreCase).Count() < given.Count)
            throw Malformed("A part gives a parameter twice.");

        return new PartHead(Raw(disposition, "name") ?? throw Malformed("A part has no name."), FileNameOf(disposition));
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
