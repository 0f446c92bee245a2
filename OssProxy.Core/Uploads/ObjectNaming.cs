using System.Globalization;
using System.Security.Cryptography;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Uploads;

/// <summary>
/// Makes the keys of new objects, never from anything the client sent but a folder that has been checked. Dates are those of the configured
/// time zone, because people look for "yesterday's" folder by their own calendar.
/// </summary>
public sealed class ObjectNaming(TimeProvider time, TimeZoneInfo zone)
{
    private const int RandomBytes = 6;
    private const int LocalRandomEnd = 100_000_000;

    /// <summary><c>{folder}/{yyyyMMdd}/{epoch ms}_{12 hex}{extension}</c>: 48 random bits beside the millisecond.</summary>
    public ObjectKey Random(UploadFolder folder, string extension) =>
        Key(folder, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes)), extension);

    /// <summary><c>{folder}/{yyyyMMdd}/{epoch ms}_{0–99999999}{extension}</c>: the form of the local doors.</summary>
    public ObjectKey Numbered(UploadFolder folder, string extension) =>
        Key(folder, RandomNumberGenerator.GetInt32(LocalRandomEnd).ToString(CultureInfo.InvariantCulture), extension);

    /// <summary>The day of a moment by the configured calendar, <c>yyyyMMdd</c>.</summary>
    public string DateOf(DateTimeOffset moment) =>
        TimeZoneInfo.ConvertTime(moment, zone).ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    /// <summary>When the day of a moment ends by the configured calendar.</summary>
    public DateTimeOffset EndOfDay(DateTimeOffset moment)
    {
        // Where clocks are changed at midnight it comes twice, and the first one counts; or not at all, and the day begins with what is left out.
        var midnight = TimeZoneInfo.ConvertTime(moment, zone).Date.AddDays(1);
        var offset = zone.IsAmbiguousTime(midnight) ? zone.GetAmbiguousTimeOffsets(midnight).Max() : zone.GetUtcOffset(midnight);
        return new DateTimeOffset(midnight, offset);
    }

    private ObjectKey Key(UploadFolder folder, string random, string extension)
    {
        var now = time.GetUtcNow();
        var name = string.Create(CultureInfo.InvariantCulture, $"{DateOf(now)}/{now.ToUnixTimeMilliseconds()}_{random}{extension}");
        return ObjectKey.Parse(folder.Path.Length == 0 ? name : $"{folder.Path}/{name}");
    }
}
