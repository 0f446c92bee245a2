using OssProxy.Emulator;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Grants;

/// <summary>A house whose store has a role that clients' credentials are made of.</summary>
public sealed class StsHouse : GrantHouse
{
    internal override async Task<ApiServer> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("ossproxy-sts-").FullName;
        var emulator = await EmulatorServer.StartAsync(ApiServer.EmulatorOptions(Path.Combine(folder, "oss")), CancellationToken.None);
        return await ApiServer.StartAsync(
            emulator, folder, Quick,
            ("Sts:Endpoint", emulator.Address.GetLeftPart(UriPartial.Authority)), ("Sts:RoleArn", EmulatorRole.DefaultArn));
    }
}
