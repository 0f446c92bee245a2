using Microsoft.Net.Http.Headers;

namespace OssProxy.Api.Images;

/// <summary>Whether a client has what it asks for, told before anything is made or read. (RFC 9110, section 13.2.2: a tag goes before a
/// time.)</summary>
internal static class ImageConditions
{
    public static bool HasIt(HttpRequest request, string tag, DateTimeOffset? lastModified)
    {
        var tags = request.Headers.IfNoneMatch;
        if (tags.Count > 0)
        {
            return EntityTagHeaderValue.TryParseList(tags!, out var parsed)
                && parsed.Any(one => one.Tag == "*" || one.Tag.Equals(tag, StringComparison.Ordinal));
        }

        return lastModified is { } modified && HeaderUtilities.TryParseDate(request.Headers.IfModifiedSince.ToString(), out var since)
            && modified <= since;
    }
}
