using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace OssProxy.Tests.Architecture;

/// <summary>Compares options classes with the tables that describe them: the key in the first column, the default in the second.</summary>
internal static partial class DocumentedOptions
{
    // Sections that belong to the framework or to a package, not to a room.
    private static readonly string[] Borrowed = ["Serilog", "Kestrel", "Logging"];

    /// <summary>The options classes of our assemblies: those that name their section.</summary>
    public static IReadOnlyList<Type> Types { get; } =
        [.. SourceTree.Products.SelectMany(project => Assembly.Load(project).GetTypes()).Where(type => Section(type) is not null)];

    /// <summary>Every setting as <c>Section:Property</c>, with its default.</summary>
    public static Dictionary<string, object?> Settings(IEnumerable<Type> types) => types
        .SelectMany(type => Settings(type, Section(type)!, Activator.CreateInstance(type, nonPublic: true)))
        .ToDictionary(setting => setting.Key, setting => setting.Default, StringComparer.Ordinal);

    /// <summary>What the document lacks, and what it says that is not so.</summary>
    public static IEnumerable<string> Complaints(IEnumerable<Type> types, string markdown)
    {
        var settings = Settings(types);
        var rows = MarkdownTable.Rows(markdown)
            .Where(row => row.Count > 1 && KeyPattern().IsMatch(row[0].Trim('`')))
            .ToLookup(row => row[0].Trim('`'), row => row[1], StringComparer.Ordinal);

        foreach (var (key, value) in settings)
        {
            if (!rows.Contains(key))
                yield return $"{key} has no row";
            else if (!rows[key].All(cell => Shows(cell, value)))
                yield return $"{key} is shown with the default {rows[key].First()}, but it is {string.Join(' ', Texts(value))}";
        }

        foreach (var row in rows.Where(row => row.Count() > 1))
            yield return $"{row.Key} has two rows";

        foreach (var key in UnknownKeys(settings.Keys, markdown))
            yield return $"{key} does not exist";
    }

    /// <summary>The keys that a text names, as <c>`Section:Property`</c> or as an environment variable, and that do not exist.</summary>
    public static IEnumerable<string> UnknownKeys(IEnumerable<string> known, string text) => MarkdownTable.Codes(text)
        .Where(code => KeyPattern().IsMatch(code))
        .Concat(VariablePattern().Matches(text).Select(match => match.Value.Replace("__", ":", StringComparison.Ordinal)))
        .Distinct(StringComparer.Ordinal)
        .Where(key => !Borrowed.Contains(key.Split(':')[0]))
        .Where(key => !known.Any(one => one == key || key.StartsWith(one + ":", StringComparison.Ordinal)));

    private static string? Section(Type type) => type.Name.EndsWith("Options", StringComparison.Ordinal)
        ? type.GetField("Section", BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue() as string
        : null;

    private static IEnumerable<(string Key, object? Default)> Settings(Type type, string prefix, object? instance)
    {
        foreach (var property in type.GetProperties().Where(property => property.SetMethod is { IsPublic: true } && IsSetting(property)))
        {
            var key = $"{prefix}:{property.Name}";
            var value = instance is null ? null : property.GetValue(instance);
            if (property.PropertyType is { IsClass: true } inner && inner.Assembly == type.Assembly)
            {
                foreach (var setting in Settings(inner, key, value))
                    yield return setting;
            }
            else
            {
                yield return (key, value);
            }
        }
    }

    // What the binder cannot make of text, a clock or a logger, is no setting.
    private static bool IsSetting(PropertyInfo property) =>
        !property.PropertyType.IsAbstract || property.PropertyType.IsAssignableTo(typeof(IEnumerable));

    // A default is shown when each of its texts stands in the cell between backticks. No default, no condition.
    private static bool Shows(string cell, object? value)
    {
        var codes = MarkdownTable.Codes(cell).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return Texts(value).All(codes.Contains);
    }

    private static IEnumerable<string> Texts(object? value) => value switch
    {
        null or "" => [],
        string text => [text],
        bool truth => [truth ? "true" : "false"],
        TimeSpan time => [time.ToString("c", CultureInfo.InvariantCulture)],
        IEnumerable many => many.Cast<object?>().SelectMany(Texts),
        IFormattable number => [number.ToString(null, CultureInfo.InvariantCulture)],
        _ => Texts(value.ToString()),
    };

    [GeneratedRegex(@"^[A-Z]\w*(?::\w+)+$", RegexOptions.None, 1_000)]
    private static partial Regex KeyPattern();

    [GeneratedRegex(@"(?<![\w:])[A-Z][a-z]+(?:__[A-Za-z0-9]+)+", RegexOptions.None, 10_000)]
    private static partial Regex VariablePattern();
}
