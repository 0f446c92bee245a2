using OssProxy.Emulator.Errors;
using OssProxy.Emulator.Policies;

namespace OssProxy.Emulator.Sts;

/// <summary>A role as it was configured, read.</summary>
/// <param name="Policy">Null may do all.</param>
/// <param name="AssumedBy">Empty: everyone.</param>
internal sealed record Role(RoleArn Arn, RamPolicy? Policy, TimeSpan MaxSessionDuration, IReadOnlyCollection<string> AssumedBy)
{
    /// <summary>Both sides have a say: whom the role trusts, and what a caller who is limited may do (E36).</summary>
    public bool MayBeAssumedBy(EmulatorCredential caller)
    {
        var trusted = AssumedBy.Count == 0 || AssumedBy.Contains(caller.AccessKeyId.Trim())
            || (caller.Session is { } session && AssumedBy.Contains(session.RoleArn));
        return trusted && caller.Session?.Allow(PolicyRequest.ToAssume(Arn.Account, Arn.Name)) != false;
    }
}

/// <summary>The roles there are.</summary>
internal sealed class RoleList
{
    private static readonly TimeSpan LeastMaximum = TimeSpan.FromHours(1);
    private static readonly TimeSpan MostMaximum = TimeSpan.FromHours(12);

    private readonly Dictionary<RoleArn, Role> _roles = [];

    /// <exception cref="EmulatorStartException">An ARN, a policy or a duration that RAM would refuse, or an ARN twice.</exception>
    public RoleList(IEnumerable<EmulatorRole> roles)
    {
        foreach (var role in roles.DefaultIfEmpty(new() { Arn = EmulatorRole.DefaultArn }))
        {
            var arn = RoleArn.Parse(role.Arn) ?? throw Refusal(role, "Arn");
            if (role.MaxSessionDuration < LeastMaximum || role.MaxSessionDuration > MostMaximum)
                throw Refusal(role, "MaxSessionDuration");

            if (!_roles.TryAdd(arn, new(arn, PolicyOf(role), role.MaxSessionDuration, [.. role.AssumedBy])))
                throw Refusal(role, "Arn");
        }
    }

    public Role? Find(RoleArn arn) => _roles.GetValueOrDefault(arn);

    private static RamPolicy? PolicyOf(EmulatorRole role)
    {
        try
        {
            return string.IsNullOrWhiteSpace(role.Policy) ? null : RamPolicy.Parse(role.Policy);
        }
        catch (OssException failure)
        {
            throw Refusal(role, "Policy", failure);
        }
    }

    private static EmulatorStartException Refusal(EmulatorRole role, string setting, Exception? reason = null) => new(
        $"Emulator:Roles 中 {role.Arn} 的 {setting} 无效。 Emulator:Roles holds a role ({role.Arn}) whose {setting} RAM would refuse. {reason?.Message}",
        reason);
}
