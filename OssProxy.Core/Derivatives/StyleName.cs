using System.Diagnostics.CodeAnalysis;

namespace OssProxy.Core.Derivatives;

/// <summary>The name of a style: 1–63 letters, digits, <c>_</c>, <c>-</c> and <c>.</c>; case counts. (OSS API reference:
/// PutStyle.)</summary>
public sealed record StyleName
{
    private const int MaxLength = 63;

    private StyleName(string value) => Value = value;

    public string Value { get; }

    /// <summary>Reads a name; false when the text is none.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out StyleName? name)
    {
        var isName = text is { Length: >= 1 and <= MaxLength } && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.');
        name = isName ? new StyleName(text!) : null;
        return isName;
    }

    public override string ToString() => Value;
}
