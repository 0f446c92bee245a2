using System.Text.Json;

namespace OssProxy.Emulator.Policies;

/// <summary>One key under one operator of a Condition block: met when any of its values fits.</summary>
internal sealed record PolicyCondition(string Key, IReadOnlyList<string> Values, bool HasWildcards)
{
    public const string Prefix = "oss:Prefix";
    public const string Delimiter = "oss:Delimiter";

    private static readonly HashSet<string> NotBuilt = new(StringComparer.Ordinal)
    {
        "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringNotLike", "NumericEquals", "NumericNotEquals",
        "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals", "DateEquals", "DateNotEquals",
        "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals", "Bool", "IpAddress", "NotIpAddress",
    };

    public bool IsMet(IReadOnlyDictionary<string, string> request) =>
        request.TryGetValue(Key, out var given) && Values.Any(value => HasWildcards ? Wildcard.Matches(value, given) : value == given);

    public static IEnumerable<PolicyCondition> Parse(JsonElement block)
    {
        if (block.ValueKind != JsonValueKind.Object)
            throw PolicyErrors.Grammar("Condition must be an object.");

        foreach (var comparison in block.EnumerateObject())
        {
            if (NotBuilt.Contains(comparison.Name))
                throw PolicyErrors.NotBuilt(comparison.Name);

            if (comparison.Name is not ("StringEquals" or "StringLike") || comparison.Value.ValueKind != JsonValueKind.Object)
                throw PolicyErrors.Grammar($"{comparison.Name} is no operator with an object of keys.");

            foreach (var key in comparison.Value.EnumerateObject())
            {
                if (key.Name is not (Prefix or Delimiter))
                    throw PolicyErrors.NotBuilt(key.Name);

                yield return new(key.Name, RamPolicy.Texts(key.Value, key.Name), comparison.Name == "StringLike");
            }
        }
    }
}
