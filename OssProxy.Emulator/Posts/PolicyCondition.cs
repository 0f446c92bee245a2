using System.Globalization;
using System.Text.Json;
using OssProxy.Emulator.Errors;

namespace OssProxy.Emulator.Posts;

/// <summary>One demand of a policy on a field of the form.</summary>
/// <param name="Mode"><c>eq</c>, <c>starts-with</c>, <c>in</c> or <c>not-in</c>; the object form is an <c>eq</c>.</param>
/// <param name="Field">Without the dollar sign, compared in any case.</param>
/// <param name="Values">One, or the list of <c>in</c> and <c>not-in</c>.</param>
internal sealed record PolicyCondition(string Mode, string Field, IReadOnlyList<string> Values)
{
    public static PolicyCondition Parse(JsonElement item) => item.ValueKind == JsonValueKind.Object ? Simple(item) : Listed(item);

    /// <summary>The smallest and the largest number of bytes that a <c>content-length-range</c> allows.</summary>
    public static (long Minimum, long Maximum) Range(JsonElement item)
    {
        if (item.GetArrayLength() == 3
            && item[1].ValueKind == JsonValueKind.Number && item[1].TryGetInt64(out var minimum)
            && item[2].ValueKind == JsonValueKind.Number && item[2].TryGetInt64(out var maximum)
            && minimum >= 0 && maximum >= minimum)
        {
            return (minimum, maximum);
        }

        throw PostErrors.InvalidPolicy("Invalid content-length-range: " + item.GetRawText(), "0006-00000220");
    }

    public bool Holds(string value) => Mode switch
    {
        "eq" => value == Values[0],
        "starts-with" => value.StartsWith(Values[0], StringComparison.Ordinal),
        "in" => Values.Contains(value, StringComparer.Ordinal),
        _ => !Values.Contains(value, StringComparer.Ordinal),
    };

    /// <summary>As the service's message shows a condition, the object form too.</summary>
    public override string ToString()
    {
        var values = Mode is "in" or "not-in" ? $"[{string.Join(", ", Values.Select(Quoted))}]" : Quoted(Values[0]);
        return string.Create(CultureInfo.InvariantCulture, $"[\"{Mode}\", \"${Field}\", {values}]");
    }

    private static string Quoted(string text) => $"\"{text}\"";

    private static PolicyCondition Simple(JsonElement item)
    {
        if (item.EnumerateObject().Count() != 1)
            throw PostErrors.InvalidPolicy("Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.");

        var member = item.EnumerateObject().First();
        return new("eq", member.Name, [Value(member.Value, item)]);
    }

    private static PolicyCondition Listed(JsonElement item)
    {
        if (item.GetArrayLength() < 2 || item[0].ValueKind != JsonValueKind.String)
            throw PostErrors.InvalidPolicy("Invalid Condition: the matching mode is missing: " + item.GetRawText(), "0006-00000216");

        var mode = item[0].GetString()!;
        if (mode is not ("eq" or "starts-with" or "in" or "not-in"))
            throw PostErrors.InvalidPolicy("Invalid Condition: unknown matching mode: " + item.GetRawText(), "0006-00000217");

        if (item.GetArrayLength() != 3 || item[1].ValueKind != JsonValueKind.String || item[1].GetString() is not ['$', .. { Length: > 0 } field])
            throw PostErrors.InvalidPolicy("Invalid Condition: " + item.GetRawText(), "0006-00000218");

        if (mode is "eq" or "starts-with")
            return new(mode, field, [Value(item[2], item)]);

        return item[2].ValueKind == JsonValueKind.Array
            ? new(mode, field, [.. item[2].EnumerateArray().Select(value => Value(value, item))])
            : throw WrongType(item);
    }

    // A dollar sign at the head of a value means something else unless it is escaped, and what it means is not told (E19).
    private static string Value(JsonElement value, JsonElement item) =>
        value.ValueKind == JsonValueKind.String && !value.GetRawText().StartsWith("\"$", StringComparison.Ordinal)
            ? value.GetString()!
            : throw WrongType(item);

    private static OssException WrongType(JsonElement item) =>
        PostErrors.InvalidPolicy("Invalid Condition: wrong type of value: " + item.GetRawText(), "0006-00000224");
}
