using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OssProxy.Core.Rendering.Workers;

namespace OssProxy.Core.Rendering;

/// <summary>What this room gives to others.</summary>
internal static class RenderingRegistration
{
    /// <summary>Adds the pool. Whoever has it made says what a worker is, with a <see cref="WorkerCommand"/>.</summary>
    /// <param name="folder">Where workers have their folders.</param>
    public static void AddRendering(this IServiceCollection services, Func<IServiceProvider, string> folder)
    {
        services.AddChecked<RenderingOptions, RenderingOptionsValidator>(RenderingOptions.Section);
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<RenderingOptions>>().Value.ToLimits());
        services.AddSingleton(provider => new WorkerPool(
            provider.GetRequiredService<IOptions<RenderingOptions>>().Value, provider.GetRequiredService<WorkerCommand>(), folder(provider),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<WorkerPool>>()));
        services.TryAddSingleton<Renderer>(provider => provider.GetRequiredService<WorkerPool>().RenderAsync);
    }
}
