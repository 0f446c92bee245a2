using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OssProxy.Core.Records;

namespace OssProxy.Core.Identity;

/// <summary>What this room gives to others.</summary>
internal static class IdentityRegistration
{
    /// <param name="keepsRecords">Whether there is a database for accounts, users, sessions and keys.</param>
    /// <param name="countsTogether">Whether several processes may have that database, and count in it.</param>
    public static void AddIdentity(this IServiceCollection services, bool keepsRecords, bool countsTogether)
    {
        services.AddChecked<AuthOptions, AuthOptionsValidator>(AuthOptions.Section);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AuthOptions>, JwtOptionsValidator>());
        services.AddChecked<GuestOptions, GuestOptionsValidator>(GuestOptions.Section);
        services.AddOptions<GuestOptions>().PostConfigure<IHostEnvironment>((guests, host) => guests.Allowed ??= host.IsDevelopment());
        services.AddChecked<RateOptions, RateOptionsValidator>(RateOptions.Section);
        services.AddChecked<MiniappOptions, MiniappOptionsValidator>(MiniappOptions.Section);
        services.AddSingleton<Miniapps>();
        services.AddSingleton<JwtVerifier>();
        AddRates(services, countsTogether);
        services.AddSingleton<Authenticator>();
        services.AddSingleton(provider => new AdminPresence(
            provider.GetRequiredService<IOptions<AuthOptions>>(), provider.GetService<RecordsDatabase>()));
        services.AddSingleton(provider => new AuditTrail(
            provider.GetService<RecordsDatabase>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<AuditTrail>>()));
        if (!keepsRecords)
            return;

        services.AddHostedService<IdentityKeeper>();
        services.AddSingleton<CallerCache>();
        services.AddSingleton(provider => new Sessions(
            provider.GetRequiredService<RecordsDatabase>(), provider.GetRequiredService<IOptions<AuthOptions>>(),
            provider.GetRequiredService<CallerCache>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new AppUsers(
            provider.GetRequiredService<RecordsDatabase>(), provider.GetRequiredService<Sessions>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new MiniappSignIn(
            provider.GetRequiredService<Miniapps>(), provider.GetRequiredService<AppUsers>(), provider.GetRequiredService<Sessions>(),
            provider.GetRequiredService<AuditTrail>()));
        services.AddSingleton(provider => new ApiKeys(
            provider.GetRequiredService<RecordsDatabase>(), provider.GetRequiredService<CallerCache>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new Accounts(
            provider.GetRequiredService<RecordsDatabase>(), provider.GetRequiredService<Sessions>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new SignInAttempts(
            provider.GetRequiredService<RecordsDatabase>(), provider.GetRequiredService<IOptions<AuthOptions>>(),
            provider.GetRequiredService<TimeProvider>()));
    }

    // Where several processes may have one database, they count in it.
    private static void AddRates(IServiceCollection services, bool countsTogether)
    {
        services.AddSingleton(provider => new RateLimits(
            provider.GetRequiredService<IOptions<RateOptions>>(), provider.GetRequiredService<IRequestCounts>(),
            provider.GetRequiredService<IUploadPlaces>()));
        if (!countsTogether)
        {
            services.AddSingleton<IRequestCounts, LocalRequestCounts>();
            services.AddSingleton<IUploadPlaces, LocalUploadPlaces>();
            return;
        }

        services.AddSingleton<IRequestCounts, SharedRequestCounts>();
        services.AddSingleton<SharedUploadPlaces>();
        services.AddSingleton<IUploadPlaces>(provider => provider.GetRequiredService<SharedUploadPlaces>());
        services.AddHostedService(provider => provider.GetRequiredService<SharedUploadPlaces>());
    }
}
