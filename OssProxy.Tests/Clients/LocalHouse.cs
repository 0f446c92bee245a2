using OssProxy.Tests.Grants;

namespace OssProxy.Tests.Clients;

/// <summary>A house without any OSS: what is uploaded lies on its own disk.</summary>
public sealed class LocalHouse : GrantHouse
{
    protected override (string Key, string Value)[] Settings => [("Storage:Provider", "local"), ("Oss:Endpoint", ""), ("Oss:Bucket", "")];
}
