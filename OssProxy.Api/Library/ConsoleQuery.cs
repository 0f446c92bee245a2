using System.Globalization;
using System.Text;
using OssProxy.Core.Records;

namespace OssProxy.Api.Library;

/// <summary>What consoles ask for in the address: page, limit, order, and which images. A page or a limit that is none counts as not
/// given, because consoles send whatever their state holds; a filter that cannot be understood is refused, because its answer would look
/// like one.</summary>
internal static class ConsoleQuery
{
    /// <summary>Most images in one page.</summary>
    public const int MostImages = 100;

    /// <summary>What a page holds when nobody says.</summary>
    public const int PageSize = 10;

    /// <summary>What a list of classes holds at most.</summary>
    public const int MostClasses = 10_000;

    // Beyond it every page is empty, and nothing that is multiplied by a limit overflows.
    private const int LastPage = 1_000_000;
    private const int LongestText = 255;

    /// <summary>The id in the route.</summary>
    public static long Id(HttpContext context) => long.Parse((string)context.Request.RouteValues["id"]!, NumberStyles.Integer, CultureInfo.InvariantCulture);

    /// <summary>The page in the route, from 1.</summary>
    public static int Page(HttpContext context) => Count((string?)context.Request.RouteValues["page"], 1, LastPage);

    /// <summary>How many rows a page has.</summary>
    public static int Limit(HttpContext context, int otherwise, int most) => Count(Value(context, "limit"), otherwise, most);

    /// <summary>Whether the largest come first.</summary>
    public static bool Descending(HttpContext context, bool otherwise) => Value(context, "order")?.ToUpperInvariant() switch
    {
        "ASC" => false,
        "DESC" => true,
        _ => otherwise,
    };

    /// <summary>Text to look for, without blanks at its ends; null for none.</summary>
    public static string? Text(HttpContext context, string name)
    {
        var text = Value(context, name)?.Trim();
        return string.IsNullOrEmpty(text) ? null : Fields.Checked(name, text, 1, LongestText, Rune.IsControl);
    }

    /// <summary>The images that a search or an export asks for. An owner that is named and empty is an owner: clients without a key are.</summary>
    public static ImageQuery Filter(HttpContext context, ConsoleClock clock) => new()
    {
        ClassId = ClassId(context),
        Keyword = Text(context, "keyword"),
        Owner = context.Request.Query.ContainsKey("owner") ? Text(context, "owner") ?? "" : null,
        From = Time(context, "from", clock, throughDay: false),
        Until = Time(context, "to", clock, throughDay: true),
        Descending = Descending(context, otherwise: true),
    };

    private static long? ClassId(HttpContext context)
    {
        var text = Text(context, "image_class_id") ?? Text(context, "imageClassId");
        if (text is null)
            return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id
            : throw Fields.Invalid("image_class_id 必须是不小于 0 的整数");
    }

    private static DateTimeOffset? Time(HttpContext context, string name, ConsoleClock clock, bool throughDay) =>
        Text(context, name) is { } text
            ? clock.Read(text, throughDay) ?? throw Fields.Invalid($"{name} 必须是日期（2026-01-31）或时间（2026-01-31T08:00:00Z）")
            : null;

    private static int Count(string? text, int otherwise, int most)
    {
        if (string.IsNullOrEmpty(text) || text.Any(c => !char.IsAsciiDigit(c)))
            return otherwise;
        var count = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : int.MaxValue;
        return count == 0 ? otherwise : Math.Min(count, most);
    }

    private static string? Value(HttpContext context, string name) => context.Request.Query[name] is [var first, ..] ? first : null;
}
