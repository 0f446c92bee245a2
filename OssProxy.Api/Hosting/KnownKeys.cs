using System.Reflection;
using Microsoft.Extensions.Options;
using OssProxy.Core.Derivatives;
using OssProxy.Core.Grants;
using OssProxy.Core.Identity;
using OssProxy.Core.Oss;
using OssProxy.Core.Reconciliation;
using OssProxy.Core.Records;
using OssProxy.Core.Rendering;
using OssProxy.Core.Storage;
using OssProxy.Core.Sts;
using OssProxy.Core.Uploads;
using OssProxy.Core.Videos;

namespace OssProxy.Api.Hosting;

/// <summary>
/// Refuses keys that do not exist in the sections that are ours: a limit that was misspelt would otherwise be no limit. Works beside the
/// other checks of the same options, so that all faults of a section are told at once. Sections of others are not looked at.
/// </summary>
internal static class KnownKeys
{
    /// <summary>Watches over every section of the server.</summary>
    public static void AddKnownKeys(this IServiceCollection services)
    {
        services.AddKnownKeys<StorageOptions>(StorageOptions.Section);
        services.AddKnownKeys<OssOptions>(OssOptions.Section);
        services.AddKnownKeys<StsOptions>(StsOptions.Section);
        services.AddKnownKeys<UploadOptions>(UploadOptions.Section);
        services.AddKnownKeys<GrantOptions>(GrantOptions.Section);
        services.AddKnownKeys<LocalStoreOptions>(LocalStoreOptions.Section);
        services.AddKnownKeys<DataOptions>(DataOptions.Section);
        services.AddKnownKeys<RecordsOptions>(RecordsOptions.Section);
        services.AddKnownKeys<ReconciliationOptions>(ReconciliationOptions.Section);
        services.AddKnownKeys<AuthOptions>(AuthOptions.Section);
        services.AddKnownKeys<GuestOptions>(GuestOptions.Section);
        services.AddKnownKeys<RateOptions>(RateOptions.Section);
        services.AddKnownKeys<MiniappOptions>(MiniappOptions.Section);
        services.AddKnownKeys<ImageOptions>(ImageOptions.Section);
        services.AddKnownKeys<RenderingOptions>(RenderingOptions.Section);
        services.AddKnownKeys<VideoOptions>(VideoOptions.Section);
        services.AddKnownKeys<ServerOptions>(ServerOptions.Section);
    }

    /// <summary>Watches over the section of one options class. Several may share a section: a key of any of them is known, and the first tells
    /// what is none.</summary>
    public static void AddKnownKeys<TOptions>(this IServiceCollection services, string section)
        where TOptions : class
    {
        services.AddSingleton(new SharedSection(section, typeof(TOptions)));
        services.AddSingleton<IValidateOptions<TOptions>>(provider =>
        {
            var sharing = provider.GetServices<SharedSection>().Where(one => one.Section == section).Select(one => one.Options).ToList();
            return new Check<TOptions>(
                provider.GetRequiredService<IConfiguration>().GetSection(section), sharing[0] == typeof(TOptions) ? sharing : []);
        });
    }

    // One line for each key that the class does not have, below it too.
    private static IEnumerable<string> Unknown(IConfigurationSection section, params IReadOnlyList<Type> types)
    {
        var properties = types.SelectMany(type => type.GetProperties()).Where(property => property.CanRead).ToList();
        foreach (var child in section.GetChildren())
        {
            if (properties.Find(property => property.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase)) is not { } property)
            {
                yield return Fault(section, child, properties);
                continue;
            }

            foreach (var fault in Below(child, property.PropertyType, property.DeclaringType!.Assembly))
                yield return fault;
        }
    }

    // What stands under a property: a class of ours or a list of them has keys, other lists have values, a single value has nothing.
    private static IEnumerable<string> Below(IConfigurationSection section, Type type, Assembly ours)
    {
        if (type.IsValueType || type == typeof(string))
            return section.GetChildren().Select(one => $"{one.Path} 不是已有的设置，请把值直接写在 {section.Path}。");
        if (type.Assembly == ours && type.IsClass)
            return Unknown(section, type);
        return type.IsGenericType && type.GetGenericArguments() is [{ IsClass: true } item] && item.Assembly == ours
            ? section.GetChildren().SelectMany(one => Unknown(one, item))
            : [];
    }

    private static string Fault(IConfigurationSection section, IConfigurationSection child, List<PropertyInfo> properties)
    {
        var nearest = properties.MinBy(property => Distance(property.Name, child.Key));
        return nearest is not null && Distance(nearest.Name, child.Key) <= Math.Max(2, child.Key.Length / 3)
            ? $"{child.Path} 不是已有的设置，是否应为 {section.Path}:{nearest.Name}？"
            : $"{child.Path} 不是已有的设置，请对照 docs/configuration.md 改正或删去。";
    }

    // Levenshtein's distance, upper and lower case alike.
    private static int Distance(string one, string other)
    {
        var previous = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            var current = new int[other.Length + 1];
            current[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var change = char.ToUpperInvariant(one[i - 1]) == char.ToUpperInvariant(other[j - 1]) ? 0 : 1;
                current[j] = Math.Min(Math.Min(previous[j], current[j - 1]) + 1, previous[j - 1] + change);
            }

            previous = current;
        }

        return previous[^1];
    }

    private sealed record SharedSection(string Section, Type Options);

    /// <param name="known">The classes whose keys are known; none where another check tells of the section.</param>
    private sealed class Check<TOptions>(IConfigurationSection section, IReadOnlyList<Type> known) : IValidateOptions<TOptions>
        where TOptions : class
    {
        public ValidateOptionsResult Validate(string? name, TOptions options)
        {
            var faults = known.Count == 0 ? [] : Unknown(section, known).ToList();
            return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
        }
    }
}
