using System.Globalization;

namespace OssProxy.Api.Library;

/// <summary>Times as consoles write and read them: by the deployment's calendar.</summary>
internal sealed class ConsoleClock(TimeZoneInfo zone, TimeProvider time)
{
    private const string Day = "yyyy-MM-dd";
    private static readonly string[] LocalTimes = ["yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFF"];
    private static readonly string[] FixedTimes = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFK"];

    /// <summary><c>2026-01-05 16:15:00</c>.</summary>
    public string Local(DateTimeOffset at) =>
        TimeZoneInfo.ConvertTime(at, zone).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary><c>2026-01-05T08:15:00.000Z</c>, as a Date of JavaScript becomes JSON.</summary>
    public static string Utc(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Today as a number, <c>yyyyMMdd</c>.</summary>
    public int Today() => int.Parse(
        TimeZoneInfo.ConvertTime(time.GetUtcNow(), zone).ToString("yyyyMMdd", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    /// <summary>Reads a day or a time of the deployment's calendar, or a time that names its own offset; null when it is none.</summary>
    /// <param name="throughDay">Whether a day stands for its end instead of its beginning.</param>
    public DateTimeOffset? Read(string text, bool throughDay)
    {
        // A plus that was not escaped has become a blank.
        if (text.Length > 6 && text[^6] == ' ' && text.Contains('T', StringComparison.Ordinal))
            text = $"{text[..^6]}+{text[^5..]}";

        if (DateTime.TryParseExact(text, Day, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            return IsUsable(day.Year) ? At(throughDay ? day.AddDays(1) : day) : null;
        if (DateTime.TryParseExact(text, LocalTimes, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
            return IsUsable(local.Year) ? At(local) : null;
        return DateTimeOffset.TryParseExact(text, FixedTimes, CultureInfo.InvariantCulture, DateTimeStyles.None, out var at) && IsUsable(at.Year)
            ? at
            : null;
    }

    // The ends of the calendar cannot be moved by an offset.
    private static bool IsUsable(int year) => year is >= 1970 and < 9999;

    private DateTimeOffset At(DateTime local) => new(local, zone.GetUtcOffset(local));
}
