using System.Text.RegularExpressions;

namespace OssProxy.Tests.Architecture;

/// <summary>The tables of a Markdown document.</summary>
internal static partial class MarkdownTable
{
    /// <summary>The rows of every table, heads included, as trimmed cells. A vertical bar inside a cell is written <c>\|</c>.</summary>
    public static IEnumerable<IReadOnlyList<string>> Rows(string markdown) =>
        from line in markdown.Split('\n')
        let row = line.Trim()
        where row.Length > 2 && row[0] == '|' && row[^1] == '|' && !RulerPattern().IsMatch(row)
        select (IReadOnlyList<string>)[.. BarPattern().Split(row[1..^1]).Select(cell => cell.Replace("\\|", "|").Trim())];

    /// <summary>What stands between backticks in a cell or a text.</summary>
    public static IEnumerable<string> Codes(string text) => CodePattern().Matches(text).Select(match => match.Groups["code"].Value);

    [GeneratedRegex(@"^\|[\s:|-]+\|$", RegexOptions.None, 1_000)]
    private static partial Regex RulerPattern();

    [GeneratedRegex(@"(?<!\\)\|", RegexOptions.None, 1_000)]
    private static partial Regex BarPattern();

    [GeneratedRegex(@"`(?<code>[^`\n]+)`", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex CodePattern();
}
