using Microsoft.Net.Http.Headers;

namespace OssProxy.Api.Images;

/// <summary>Whether a client has what it asks for, told before anything is made or read. A result tells no time of change: it becomes another
/// one also by its watermark, by its style and by what is negotiated, and none of them need be younger than what a client has. Its tag says
/// everything, and conditions that go by time are passed over. (RFC 9110, section 13.1.3: without a time of change there is nothing to
/// compare.)</summary>
internal static class ImageConditions
{
    public static bool HasIt(HttpRequest request, string tag) =>
        EntityTagHeaderValue.TryParseList(request.Headers.IfNoneMatch!, out var parsed)
        && parsed.Any(one => one.Tag == "*" || one.Tag.Equals(tag, StringComparison.Ordinal));

    /// <summary>Whether a part is asked for only if nothing has changed since a time; the framework would take a result without one for
    /// unchanged. (RFC 9110, section 13.1.5)</summary>
    public static bool WantsPartByTime(HttpRequest request) =>
        request.Headers.IfRange is { Count: > 0 } condition && !EntityTagHeaderValue.TryParse(condition.ToString(), out _);
}
