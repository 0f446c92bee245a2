using System.Globalization;
using OssProxy.Emulator.Errors;
using OssProxy.Emulator.Http;
using OssProxy.Emulator.Storage;

namespace OssProxy.Emulator.Operations;

/// <summary>
/// The four conditions of a read, or of a copy's source: 412 when the object is not the expected one, 304 when it is
/// the one already held. A date that cannot be read is ignored (GetObject reference).
/// </summary>
internal static class ReadConditions
{
    /// <returns>True when the answer is 304.</returns>
    public static bool IsNotModified(OssRequest request, StoredObject stored, string prefix = "")
    {
        string Name(string condition) => prefix.Length == 0 ? condition : prefix + condition.ToLowerInvariant();

        if (request.Header(Name("If-Match")) is { } match && !Matches(match, stored.ETag))
            throw OssErrors.PreconditionFailed("If-Match");

        if (Date(request, Name("If-Unmodified-Since")) is { } unmodified && Seconds(stored.LastModified) > unmodified)
            throw OssErrors.PreconditionFailed("If-Unmodified-Since");

        if (request.Header(Name("If-None-Match")) is { } none)
        {
            // An ETag says more than a date, so it decides alone (RFC 9110, 13.2.2).
            return Matches(none, stored.ETag);
        }

        return Date(request, Name("If-Modified-Since")) is { } modified && Seconds(stored.LastModified) <= modified;
    }

    private static bool Matches(string header, string etag) =>
        header.Split(',', StringSplitOptions.TrimEntries).Any(given => given == "*" || given.Trim('"') == etag);

    private static DateTimeOffset? Date(OssRequest request, string header) =>
        DateTimeOffset.TryParseExact(request.Header(header), "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? date : null;

    // Header dates have no fractions.
    private static DateTimeOffset Seconds(DateTimeOffset value) => DateTimeOffset.FromUnixTimeSeconds(value.ToUnixTimeSeconds());
}
