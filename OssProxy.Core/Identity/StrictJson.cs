using System.Text.Json;
using System.Text.Unicode;

namespace OssProxy.Core.Identity;

/// <summary>
/// Reads JSON that two programs must not understand differently, because the one has signed it and the other acts on it: no member twice at
/// any depth, no invalid UTF-8, no half of a surrogate pair, nothing before or behind, at most <see cref="Deepest"/> levels.
/// </summary>
internal static class StrictJson
{
    private const int Deepest = 16;

    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = Deepest };
    private static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = Deepest, AllowDuplicateProperties = false };

    /// <summary>The members of an object, by their names as they are meant; null for anything else. No text in it can fail to be read.</summary>
    public static Dictionary<string, JsonElement>? Members(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
            return null;
        try
        {
            // The framework looks at escapes only when a text is asked for, and has no way to ask without an exception.
            var reader = new Utf8JsonReader(json, ReaderOptions);
            while (reader.Read())
            {
                if (reader.ValueIsEscaped)
                    reader.GetString();
            }

            var root = JsonElement.Parse(json, DocumentOptions);
            return root.ValueKind == JsonValueKind.Object
                ? root.EnumerateObject().ToDictionary(member => member.Name, member => member.Value, StringComparer.Ordinal)
                : null;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
