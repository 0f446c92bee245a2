using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace OssProxy.Core.Uploads;

/// <summary>
/// The name a client gave its file, for people to read and never for a path: the last segment of whatever was sent, without control and
/// direction-changing characters, at most 120 characters.
/// </summary>
public sealed record OriginalName
{
    /// <summary>Longest name kept, in UTF-16 characters.</summary>
    public const int MaxLength = 120;

    private const int MaxExtensionLength = 16;

    // What consoles take as the name of an image.
    private const int MaxStemLength = 30;

    private OriginalName(string value) => Value = value;

    public string Value { get; }

    /// <summary>The part from the last dot on, lower case, dot included; null when there is none or it is no plausible extension.</summary>
    public string? Extension
    {
        get
        {
            var dot = Value.LastIndexOf('.');
            return dot < 0 || dot == Value.Length - 1 || Value.Length - dot > MaxExtensionLength
                ? null
                : Value[dot..].ToLowerInvariant();
        }
    }

    /// <summary>What comes before the extension, at most 30 characters.</summary>
    public string Stem
    {
        get
        {
            var stem = Extension is { } extension ? Value[..^extension.Length] : Value;
            var end = Math.Min(stem.Length, MaxStemLength);
            return stem[..(end < stem.Length && char.IsHighSurrogate(stem[end - 1]) ? end - 1 : end)];
        }
    }

    /// <summary>Reads what stood in <c>filename</c>; false when nothing readable remains.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out OriginalName? name)
    {
        name = null;
        if (string.IsNullOrEmpty(text))
            return false;

        // Of a name that is too long the middle goes: its end may say what the file is.
        var last = text.AsSpan()[(text.LastIndexOfAny(['/', '\\']) + 1)..];
        var dot = last.LastIndexOf('.');
        var end = last.Length > MaxLength && dot > 0 && last.Length - dot <= MaxExtensionLength ? dot : last.Length;
        var kept = new StringBuilder(Math.Min(last.Length, MaxLength));
        Keep(kept, last[..end], MaxLength - (last.Length - end));
        Keep(kept, last[end..], MaxLength);

        var value = kept.ToString().Trim();
        name = value.Length == 0 ? null : new OriginalName(value);
        return name is not null;
    }

    /// <summary>The same name for a file of another type.</summary>
    /// <param name="extension">With the dot.</param>
    public OriginalName WithExtension(string extension)
    {
        var stem = Extension is { } old ? Value[..^old.Length] : Value;
        var end = Math.Min(stem.Length, MaxLength - extension.Length);
        return new OriginalName(stem[..(end < stem.Length && char.IsHighSurrogate(stem[end - 1]) ? end - 1 : end)] + extension);
    }

    public override string ToString() => Value;

    private static void Keep(StringBuilder kept, ReadOnlySpan<char> text, int most)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (kept.Length + rune.Utf16SequenceLength > most)
                break;
            if (IsReadable(rune))
                kept.Append(rune.ToString());
        }
    }

    // Control characters break headers and logs; format characters include those that make gpj.exe read exe.jpg; the replacement
    // character is what a byte that was no UTF-8 has become.
    private static bool IsReadable(Rune rune) =>
        rune.Value != 0xFFFD
        && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
