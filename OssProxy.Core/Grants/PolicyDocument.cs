using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OssProxy.Core.Grants;

/// <summary>
/// A policy that came back with a form, as our gateway reads it: every condition mode of the service, and nothing that two readers could take
/// in two ways. A name twice, a mode that is unknown, a value that is no text: refused, not passed over.
/// </summary>
internal sealed class PolicyDocument
{
    private const int MostConditions = 100;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    private readonly List<Condition> _conditions = [];
    private readonly List<(long Min, long Max)> _ranges = [];

    private PolicyDocument(DateTimeOffset expiration) => Expiration = expiration;

    public DateTimeOffset Expiration { get; }

    /// <summary>The fields that some condition names, in lower case.</summary>
    public IEnumerable<string> Named => _conditions.Select(condition => condition.Field);

    /// <summary>The sizes that are allowed: what all ranges have in common; null where there is none.</summary>
    public (long Min, long Max)? Sizes => _ranges.Count == 0 ? null : (_ranges.Max(range => range.Min), _ranges.Min(range => range.Max));

    /// <exception cref="GrantException"><see cref="GrantError.PolicyMalformed"/>.</exception>
    public static PolicyDocument Parse(string base64)
    {
        try
        {
            using var json = JsonDocument.Parse(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Convert.FromBase64String(base64)), Strict);
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object || root.EnumerateObject().Any(member => member.Name is not ("expiration" or "conditions")))
                throw Malformed("It is no object of an expiration and conditions.");

            var document = new PolicyDocument(ExpirationOf(root));
            if (!root.TryGetProperty("conditions", out var conditions) || conditions.ValueKind != JsonValueKind.Array
                || conditions.GetArrayLength() is 0 or > MostConditions)
                throw Malformed("Its conditions are no list, or too many.");
            foreach (var condition in conditions.EnumerateArray())
                document.Add(condition);
            return document;
        }
        catch (Exception failure) when (failure is JsonException or FormatException or DecoderFallbackException or InvalidOperationException)
        {
            throw Malformed("It is no Base64 of JSON.", failure);
        }
    }

    /// <summary>The first condition that these values break, as it stands in the policy; null when all hold. A field that is not there meets
    /// no condition, not even that of being none of some. (docs/oss-assumptions.md E21)</summary>
    public string? Broken(Func<string, string?> valueOf) =>
        _conditions.Find(condition => valueOf(condition.Field) is not { } value || !condition.Holds(value))?.Text;

    private void Add(JsonElement condition)
    {
        if (condition.ValueKind == JsonValueKind.Object)
        {
            var members = condition.EnumerateObject().ToList();
            if (members.Count != 1)
                throw Malformed("A condition names none or several fields.");
            var value = TextOf(members[0].Value);
            _conditions.Add(new Condition(Field(members[0].Name), given => given == value, condition.GetRawText()));
            return;
        }

        if (condition.ValueKind != JsonValueKind.Array || condition.GetArrayLength() != 3 || condition[0].ValueKind != JsonValueKind.String)
            throw Malformed("A condition is neither an object nor a list of three.");
        var mode = condition[0].GetString()!;
        if (mode == "content-length-range")
        {
            _ranges.Add(RangeOf(condition));
            return;
        }

        var reference = TextOf(condition[1], isReference: true);
        if (reference.Length < 2 || reference[0] != '$')
            throw Malformed("A condition does not name its field with a dollar sign.");
        _conditions.Add(new Condition(Field(reference[1..]), Test(mode, condition[2]), condition.GetRawText()));
    }

    private static Func<string, bool> Test(string mode, JsonElement value)
    {
        switch (mode)
        {
            case "eq":
                var wanted = TextOf(value);
                return given => given == wanted;
            case "starts-with":
                var prefix = TextOf(value);
                return given => given.StartsWith(prefix, StringComparison.Ordinal);
            case "in":
                var among = TextsOf(value);
                return among.Contains;
            case "not-in":
                var except = TextsOf(value);
                return given => !except.Contains(given);
            default:
                throw Malformed("A condition's mode is unknown.");
        }
    }

    private static HashSet<string> TextsOf(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0
            ? value.EnumerateArray().Select(item => TextOf(item)).ToHashSet(StringComparer.Ordinal)
            : throw Malformed("A condition's set is none, or empty.");

    // A dollar sign at the beginning of a value is written with a backslash, which JSON itself has no escape for: two of them in its text.
    private static string TextOf(JsonElement value, bool isReference = false)
    {
        if (value.ValueKind != JsonValueKind.String)
            throw Malformed("A condition's value is no text.");
        var text = value.GetString()!;
        if (!isReference && text.StartsWith('$'))
            throw Malformed("A condition's value begins with a bare dollar sign.");
        return text.StartsWith("\\$", StringComparison.Ordinal) ? text[1..] : text;
    }

    private static (long Min, long Max) RangeOf(JsonElement condition) =>
        condition[1].ValueKind == JsonValueKind.Number && condition[1].TryGetInt64(out var min)
        && condition[2].ValueKind == JsonValueKind.Number && condition[2].TryGetInt64(out var max) && min >= 0 && max >= min
            ? (min, max) : throw Malformed("A range of sizes is none.");

    private static DateTimeOffset ExpirationOf(JsonElement root) =>
        root.TryGetProperty("expiration", out var value) && value.ValueKind == JsonValueKind.String
        && DateTimeOffset.TryParseExact(
            value.GetString(), ["yyyy-MM-dd'T'HH:mm:ss.fff'Z'", "yyyy-MM-dd'T'HH:mm:ss'Z'"], CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var expiration)
            ? expiration : throw Malformed("It has no expiration.");

    private static string Field(string name) => name.ToLowerInvariant();

    private static GrantException Malformed(string why, Exception? inner = null) =>
        new(GrantError.PolicyMalformed, "The policy cannot be read. " + why, inner);

    private sealed record Condition(string Field, Func<string, bool> Holds, string Text);
}
