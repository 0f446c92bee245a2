using Microsoft.Net.Http.Headers;
using OssProxy.Core.Uploads;

namespace OssProxy.Api.Forms;

/// <summary>Reads the boundary from a request's <c>Content-Type</c> (RFC 2046, section 5.1.1: 1–70 characters).</summary>
public static class FormBoundary
{
    private const int MaxLength = 70;

    /// <summary>The boundary, unquoted.</summary>
    /// <exception cref="UploadException"><see cref="UploadError.NotMultipart"/> when it is another type of body,
    /// <see cref="UploadError.FormMalformed"/> when the boundary is missing, given twice, too long or holds control
    /// characters.</exception>
    public static string Of(string? contentType)
    {
        if (!MediaTypeHeaderValue.TryParse(contentType, out var type) || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            throw new UploadException(UploadError.NotMultipart, "The request is no multipart/form-data.");

        var given = type.Parameters.Where(parameter => parameter.Name.Equals("boundary", StringComparison.OrdinalIgnoreCase)).ToList();
        if (given.Count != 1)
            throw new UploadException(UploadError.FormMalformed, "The boundary is missing or given twice.");

        var boundary = HeaderUtilities.RemoveQuotes(given[0].Value).ToString();
        return boundary.Length is > 0 and <= MaxLength && boundary.All(c => c is >= ' ' and <= '~') && boundary[^1] != ' '
            ? boundary
            : throw new UploadException(UploadError.FormMalformed, "The boundary is empty, too long or no plain text.");
    }
}
