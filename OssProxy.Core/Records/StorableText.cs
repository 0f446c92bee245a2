namespace OssProxy.Core.Records;

/// <summary>Text from outside as both databases take it.</summary>
internal static class StorableText
{
    /// <summary>The text with U+FFFD for what PostgreSQL refuses: NUL, and half a surrogate pair where a text was cut. It must not look like
    /// an outage of the database.</summary>
    public static string? Of(string? text) =>
        text is null ? null : string.Concat(text.EnumerateRunes().Select(rune => rune.Value == 0 ? "\uFFFD" : rune.ToString()));
}
