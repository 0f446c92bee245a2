using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OssProxy.Core.Oss;
using OssProxy.Core.Records;

namespace OssProxy.Core.Grants;

/// <summary>What this room gives to others.</summary>
internal static class GrantRegistration
{
    /// <param name="keepsRecords">Whether there is a database in which a grant could be remembered; without one there are none.</param>
    public static void AddGrants(this IServiceCollection services, bool keepsRecords)
    {
        services.AddChecked<GrantOptions, GrantOptionsValidator>(GrantOptions.Section);
        services.TryAddSingleton<CallbackAddress>(provider =>
            () => provider.GetRequiredService<IOptions<GrantOptions>>().Value.CallbackUrl is { Length: > 0 } url ? url : null);
        services.AddSingleton<CallbackKeys>();
        services.AddSingleton<CallbackSignature>();
        if (!keepsRecords)
            return;

        services.AddSingleton<UploadGrants>();
        services.AddSingleton<GrantTerms>();
        services.AddSingleton(provider => GatewayKey.Of(
            provider.GetRequiredService<IOptions<GrantOptions>>().Value.Secret,
            provider.GetService<OssClient>() is null ? "" : provider.GetRequiredService<IOptions<OssOptions>>().Value.AccessKeySecret,
            provider.GetRequiredService<IOptions<DataOptions>>().Value.Folder));
        services.AddSingleton<GrantIssuer>();
        services.AddSingleton<PartGrants>();
        services.AddSingleton<ReadLinks>();
        services.AddSingleton<StsGrants>();
        services.AddSingleton<ObjectInspection>();
        services.AddSingleton<GrantSettlement>();
        services.AddSingleton<GrantConfirmation>();
        services.AddSingleton<GatewayForm>();
        services.AddHostedService<GrantKeeper>();
    }
}
