using System.Globalization;
using OssProxy.Emulator.Errors;
using OssProxy.Emulator.Http;

namespace OssProxy.Emulator.Operations;

/// <summary>
/// One slice of an object. By default OSS answers a range that does not lie wholly inside the object with the whole
/// object and 200; with <c>x-oss-range-behavior: standard</c> it follows RFC 9110 (GetObject reference).
/// </summary>
internal readonly record struct ByteRange(long Offset, long Length, bool IsPartial)
{
    public static ByteRange Of(OssRequest request, long size)
    {
        var whole = new ByteRange(0, size, IsPartial: false);
        if (request.Header("Range") is not { } header || Parse(header) is not { } asked)
            return whole;

        var standard = request.Header("x-oss-range-behavior") == "standard";
        var (first, last) = asked switch
        {
            // The last n bytes.
            (null, { } suffix) => (standard ? Math.Max(0, size - suffix) : size - suffix, size - 1),
            ({ } start, null) => (start, size - 1),
            ({ } start, { } end) => (start, standard ? Math.Min(end, size - 1) : end),
            _ => (-1L, -1L),
        };

        if (first >= 0 && first <= last && last < size)
            return new(first, last - first + 1, IsPartial: true);

        return standard ? throw OssErrors.InvalidRange(header, size) : whole;
    }

    /// <summary><c>bytes=a-b</c>, <c>a-</c> or <c>-n</c>; null for anything else, several ranges included.</summary>
    public static (long? First, long? Last)? Parse(string header)
    {
        if (!header.StartsWith("bytes=", StringComparison.OrdinalIgnoreCase) || header[6..].Trim().Split('-') is not [var left, var right])
            return null;

        var hasFirst = long.TryParse(left, NumberStyles.None, CultureInfo.InvariantCulture, out var first);
        var hasLast = long.TryParse(right, NumberStyles.None, CultureInfo.InvariantCulture, out var last);
        return (left.Length == 0 || hasFirst) && (right.Length == 0 || hasLast) && (hasFirst || hasLast) && !(hasFirst && hasLast && last < first)
            ? (hasFirst ? first : null, hasLast ? last : null)
            : null;
    }
}
