using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace OssProxy.Core.Identity;

/// <summary>What an operator calls an account or a key: 1 to 64 characters between blanks that do not count, none of which controls anything
/// or is invisible, so that two names which look alike are alike.</summary>
public sealed class PlainName
{
    /// <summary>Longest name, in characters; a surrogate pair is one.</summary>
    public const int Longest = 64;

    private PlainName(string text) => Text = text;

    /// <summary>As it was typed.</summary>
    public string Text { get; }

    /// <summary>What tells accounts apart: the same with the letters A to Z as a to z. Of other letters the case counts, because databases and
    /// runtimes do not agree about theirs.</summary>
    public string Key => string.Concat(Text.Select(letter => char.IsAsciiLetterUpper(letter) ? (char)(letter | 0x20) : letter));

    public static bool TryParse(string? text, [NotNullWhen(true)] out PlainName? name)
    {
        var trimmed = text?.Trim() ?? "";
        var runes = trimmed.EnumerateRunes().ToList();
        name = runes.Count is > 0 and <= Longest && runes.TrueForAll(IsPlain) ? new PlainName(trimmed) : null;
        return name is not null;
    }

    public override string ToString() => Text;

    // The replacement character stands for half a surrogate pair.
    private static bool IsPlain(Rune rune) => rune != Rune.ReplacementChar && Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
