using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Videos;

/// <summary>What this room gives to others.</summary>
internal static class VideoRegistration
{
    public static void AddVideos(this IServiceCollection services)
    {
        services.AddChecked<VideoOptions, VideoOptionsValidator>(VideoOptions.Section);
        services.AddSingleton(provider => new VideoSnapshots(
            provider.GetRequiredService<ObjectStores>(), provider.GetRequiredService<IOptions<VideoOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<VideoSnapshots>>()));
    }
}
