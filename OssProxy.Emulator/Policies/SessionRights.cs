namespace OssProxy.Emulator.Policies;

/// <summary>What the holder of temporary credentials may do: what the role may and, where a policy came along, that allows too.</summary>
/// <param name="RoleArn">Whose session it is.</param>
/// <param name="Account">The account of the role, and so of the resources.</param>
/// <param name="Region">Of the emulator, without "oss-".</param>
/// <param name="Role">Null may do all.</param>
/// <param name="Session">Null takes nothing away.</param>
internal sealed record SessionRights(string RoleArn, string Account, string Region, RamPolicy? Role, RamPolicy? Session)
{
    public bool Allow(PolicyRequest request) => Role?.Allows(request) != false && Session?.Allows(request) != false;
}
