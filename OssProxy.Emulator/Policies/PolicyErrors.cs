using OssProxy.Emulator.Errors;

namespace OssProxy.Emulator.Policies;

/// <summary>Why a policy is not taken. The codes are those of AssumeRole, the only call that brings one.</summary>
internal static class PolicyErrors
{
    public static OssException Grammar(string reason) =>
        new(400, "InvalidParameter.PolicyGrammar", $"The parameter Policy has not passed grammar check. {reason}");

    /// <summary>Good RAM grammar that is not built here. Ignoring it would allow or deny something else than was meant (E37).</summary>
    public static OssException NotBuilt(string element) =>
        new(501, "NotImplemented", $"The policy element {element} is not implemented by this server.");
}
