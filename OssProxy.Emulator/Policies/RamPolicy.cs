using System.Text.Json;

namespace OssProxy.Emulator.Policies;

/// <summary>
/// A RAM policy: version "1" and a list of statements. A denial wins; what no statement allows is denied. What is read here without
/// being understood would be a hole, so every element is either known or refused.
/// </summary>
internal sealed class RamPolicy
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    private readonly IReadOnlyList<PolicyStatement> _statements;

    private RamPolicy(IReadOnlyList<PolicyStatement> statements) => _statements = statements;

    public bool Allows(PolicyRequest request)
    {
        var applying = _statements.Where(statement => statement.Applies(request)).ToList();
        return applying.Count > 0 && !applying.Exists(statement => statement.IsDenial);
    }

    /// <exception cref="Errors.OssException">400 for what is no policy, 501 for an element that is not built.</exception>
    public static RamPolicy Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            return Parse(document.RootElement);
        }
        catch (JsonException)
        {
            throw PolicyErrors.Grammar("It is not JSON, or names something twice.");
        }
    }

    /// <summary>A text or a list of at least one.</summary>
    internal static IReadOnlyList<string> Texts(JsonElement value, string name)
    {
        IReadOnlyList<JsonElement> items = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
        return items.Count > 0 && items.All(item => item.ValueKind == JsonValueKind.String)
            ? [.. items.Select(item => item.GetString()!)]
            : throw PolicyErrors.Grammar($"{name} must be a text or a list of texts.");
    }

    private static RamPolicy Parse(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || root.EnumerateObject().Any(element => element.Name is not ("Version" or "Statement")))
            throw PolicyErrors.Grammar("It must have Version and Statement, and nothing else.");

        if (!root.TryGetProperty("Version", out var version) || version.ValueKind != JsonValueKind.String || version.GetString() != "1")
            throw PolicyErrors.Grammar("Version must be \"1\".");

        return root.TryGetProperty("Statement", out var statements) && statements.ValueKind == JsonValueKind.Array && statements.GetArrayLength() > 0
            ? new([.. statements.EnumerateArray().Select(PolicyStatement.Parse)])
            : throw PolicyErrors.Grammar("Statement must be a list of at least one.");
    }
}
