using System.Text.Json;

namespace OssProxy.Emulator.Policies;

/// <summary>One statement: an effect for those actions on those resources where all conditions are met.</summary>
internal sealed record PolicyStatement(
    bool IsDenial, IReadOnlyList<string> Actions, IReadOnlyList<ResourceName> Resources, IReadOnlyList<PolicyCondition> Conditions)
{
    public bool Applies(PolicyRequest request) =>
        Actions.Any(action => IsAction(action, request.Action))
        && Resources.Any(resource => IsResource(resource, request.Resource))
        && Conditions.All(condition => condition.IsMet(request.Conditions));

    public static PolicyStatement Parse(JsonElement statement)
    {
        if (statement.ValueKind != JsonValueKind.Object)
            throw PolicyErrors.Grammar("A statement must be an object.");

        bool? isDenial = null;
        IReadOnlyList<string>? actions = null;
        IReadOnlyList<ResourceName>? resources = null;
        IReadOnlyList<PolicyCondition> conditions = [];
        foreach (var element in statement.EnumerateObject())
        {
            switch (element.Name)
            {
                case "Effect":
                    isDenial = EffectOf(element.Value);
                    break;
                case "Action":
                    actions = [.. RamPolicy.Texts(element.Value, "Action").Select(ActionOf)];
                    break;
                case "Resource":
                    resources = [.. RamPolicy.Texts(element.Value, "Resource").Select(ResourceOf)];
                    break;
                case "Condition":
                    conditions = [.. PolicyCondition.Parse(element.Value)];
                    break;
                case "NotAction" or "NotResource":
                    throw PolicyErrors.NotBuilt(element.Name);
                default:
                    throw PolicyErrors.Grammar($"{element.Name} is no element of a statement.");
            }
        }

        return isDenial is { } effect && actions is not null && resources is not null
            ? new(effect, actions, resources, conditions)
            : throw PolicyErrors.Grammar("A statement needs Effect, Action and Resource.");
    }

    // Whether the service looks at case is not established (E32): a denial is read widely and a permission narrowly, so that nothing
    // is allowed here that may be refused there.
    private bool IsAction(string pattern, string action) => IsDenial
        ? Wildcard.Matches(pattern.ToLowerInvariant(), action.ToLowerInvariant())
        : Wildcard.Matches(pattern, action);

    // Part by part: a star for the account must not reach over a colon into a key.
    private static bool IsResource(ResourceName pattern, ResourceName resource) =>
        Wildcard.Matches(pattern.Service, resource.Service)
        && (Wildcard.Matches(pattern.Region, resource.Region) || Wildcard.Matches(pattern.Region, "oss-" + resource.Region))
        && Wildcard.Matches(pattern.Account, resource.Account)
        && Wildcard.Matches(pattern.Relative, resource.Relative);

    private static bool EffectOf(JsonElement value) => value.ValueKind == JsonValueKind.String && value.GetString() is "Allow" or "Deny"
        ? value.GetString() == "Deny"
        : throw PolicyErrors.Grammar("Effect must be Allow or Deny.");

    private static string ActionOf(string text) => text == "*" || text.Split(':') is [{ Length: > 0 }, { Length: > 0 }]
        ? text
        : throw PolicyErrors.Grammar($"{text} is no action.");

    private static ResourceName ResourceOf(string text) => text == "*"
        ? new("*", "*", "*", "*")
        : text.Split(':', 5) is ["acs", { Length: > 0 } service, var region, var account, { Length: > 0 } relative]
            ? new(service, region, account, relative)
            : throw PolicyErrors.Grammar($"{text} is no resource.");
}
