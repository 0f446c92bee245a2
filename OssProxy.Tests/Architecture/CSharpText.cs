namespace OssProxy.Tests.Architecture;

/// <summary>
/// Reads C# as far as the rules need it: what is code, what is comment, what is a literal. What is left out becomes spaces, so that
/// positions and line numbers stay. Code inside an interpolated string counts as literal.
/// </summary>
internal static class CSharpText
{
    private enum Kind
    {
        Code,
        Comment,
        Literal,
    }

    /// <summary>The text without comments and without the contents of string and character literals.</summary>
    public static string Code(string text) => Keep(text, kind => kind is Kind.Code);

    /// <summary>The text without the contents of literals, comments included.</summary>
    public static string CodeAndComments(string text) => Keep(text, kind => kind is not Kind.Literal);

    private static string Keep(string text, Func<Kind, bool> wanted)
    {
        var kept = text.ToCharArray();
        foreach (var (start, end, kind) in Pieces(text))
        {
            if (wanted(kind))
                continue;

            for (var i = start; i < end; i++)
            {
                if (kept[i] is not ('\n' or '\r'))
                    kept[i] = ' ';
            }
        }

        return new string(kept);
    }

    private static IEnumerable<(int Start, int End, Kind Kind)> Pieces(string text)
    {
        var codeStart = 0;
        var at = 0;
        while (at < text.Length)
        {
            var (end, kind) = PieceAt(text, at);
            if (kind is Kind.Code)
            {
                at = end;
                continue;
            }

            yield return (codeStart, at, Kind.Code);
            yield return (at, end, kind);
            at = codeStart = end;
        }

        yield return (codeStart, text.Length, Kind.Code);
    }

    private static (int End, Kind Kind) PieceAt(string text, int at)
    {
        if (Starts(text, at, "//"))
            return (After(text, at, "\n"), Kind.Comment);
        if (Starts(text, at, "/*"))
            return (After(text, at + 2, "*/"), Kind.Comment);
        if (text[at] == '\'')
            return (AfterQuoted(text, at + 1, '\''), Kind.Literal);
        if (text[at] is not ('"' or '@' or '$'))
            return (at + 1, Kind.Code);

        var quote = at;
        while (quote < text.Length && text[quote] is '@' or '$')
            quote++;
        if (quote == text.Length || text[quote] != '"')
            return (at + 1, Kind.Code);

        var quotes = quote;
        while (quotes < text.Length && text[quotes] == '"')
            quotes++;
        if (quotes - quote >= 3)
            return (After(text, quotes, new string('"', quotes - quote)), Kind.Literal);

        return (text[at..quote].Contains('@') ? AfterVerbatim(text, quote + 1) : AfterQuoted(text, quote + 1, '"'), Kind.Literal);
    }

    private static bool Starts(string text, int at, string with) =>
        string.CompareOrdinal(text, at, with, 0, with.Length) == 0;

    private static int After(string text, int from, string end)
    {
        var found = text.IndexOf(end, from, StringComparison.Ordinal);
        return found < 0 ? text.Length : found + end.Length;
    }

    private static int AfterQuoted(string text, int from, char quote)
    {
        // A literal ends with its line at the latest: a misread quote costs one line, not the file.
        for (var i = from; i < text.Length; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (text[i] == quote || text[i] == '\n')
                return i + 1;
        }

        return text.Length;
    }

    private static int AfterVerbatim(string text, int from)
    {
        for (var i = from; i < text.Length; i++)
        {
            if (text[i] != '"')
                continue;
            if (!Starts(text, i, "\"\""))
                return i + 1;
            i++;
        }

        return text.Length;
    }
}
