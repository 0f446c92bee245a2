using System.Text.Json;

namespace OssProxy.Api.Library;

/// <summary>The value of one field.</summary>
/// <param name="Items">Its values as text: one, unless it is a list.</param>
/// <param name="IsList">Whether it may stand for a list only.</param>
/// <param name="IsText">Whether it was sent as text: then it may also mean a number.</param>
internal readonly record struct FieldValue(IReadOnlyList<string> Items, bool IsList, bool IsText)
{
    /// <summary>The one value; null when there is none, or several.</summary>
    public string? Single => !IsList && Items.Count == 1 ? Items[0] : null;

    /// <summary>Whether a form left it empty.</summary>
    public bool IsEmptyText => IsText && Single is "";

    /// <summary>Of a form, where a field may stand several times.</summary>
    public static FieldValue Of(IReadOnlyList<string> values) =>
        new(values, IsList: values.Count > 1, IsText: values.Count == 1);

    /// <summary>Of JSON; null for <c>null</c>, which leaves a field as it is.</summary>
    public static FieldValue? Of(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => new([Text(name, value)], IsList: false, IsText: true),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => new([value.GetRawText()], IsList: false, IsText: false),
        JsonValueKind.Array => new([.. value.EnumerateArray().Select(item => Item(name, item))], IsList: true, IsText: false),
        _ => new([], IsList: true, IsText: false),
    };

    private static string Item(string name, JsonElement item) =>
        item.ValueKind == JsonValueKind.String ? Text(name, item) : item.GetRawText();

    private static string Text(string name, JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // No UTF-8, or half a surrogate pair: no database takes it.
            throw Fields.Invalid($"{name} 不是有效的文字");
        }
    }
}
