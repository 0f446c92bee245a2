using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OssProxy.Core.Oss;
using OssProxy.Core.Records;
using OssProxy.Core.Rendering;
using OssProxy.Core.Storage;
using OssProxy.Core.Streams;

namespace OssProxy.Core.Derivatives;

/// <summary>What this room gives to others.</summary>
internal static class DerivativesRegistration
{
    // The bucket of addresses that are signed for a disk, which has none.
    private const string DiskBucket = "local";
    private const string DiskRegion = "cn-hangzhou";

    /// <param name="keepsRecords">Whether there is a database for styles.</param>
    /// <param name="uploads">What the keys of uploads begin with, each with a slash at its end.</param>
    public static void AddDerivatives(
        this IServiceCollection services, bool keepsRecords, Func<IServiceProvider, IReadOnlyList<string>> uploads)
    {
        services.AddChecked<ImageOptions, ImageOptionsValidator>(ImageOptions.Section);
        if (keepsRecords)
            services.AddSingleton<StyleRecords>();
        services.AddSingleton<ImageStyles>();
        services.AddSingleton<Recipes>();
        services.AddSingleton(PlaceOf);
        services.AddHostedService(provider => provider.GetRequiredService<ResultPlace>());
        services.AddSingleton(provider => new SourceHeads(
            Originals(provider).Store, Options(provider).SourceMemory, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new ResultNaming(Originals(provider).Bucket, Options(provider).Prefix, EngineVersion.Current));
        services.AddSingleton(provider => new ResultStore(
            provider.GetRequiredService<ResultPlace>().Store, Options(provider).CacheControl, provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ResultStore>>()));
        services.AddSingleton<DerivativeMetrics>();
        services.AddSingleton(provider => new ResultMemory(Options(provider).CacheBytes));
        services.AddSingleton(provider => new ImageMaking(
            Originals(provider).Store, Room(provider), provider.GetRequiredService<RenderLimits>(), provider.GetRequiredService<Renderer>(),
            provider.GetRequiredService<SnapshotTaker>(),
            Options(provider).Delegate == ImageDelegate.Oss && provider.GetService<OssClient>() is { } client ? new DelegatedImages(client) : null,
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new DerivedImages(
            provider.GetRequiredService<SourceHeads>(), provider.GetRequiredService<ResultNaming>(), provider.GetRequiredService<ResultStore>(),
            provider.GetRequiredService<ResultMemory>(), provider.GetRequiredService<ImageMaking>(), provider.GetRequiredService<RenderLimits>(),
            Room(provider), new RefusalMemory(provider.GetRequiredService<TimeProvider>()), provider.GetRequiredService<DerivativeMetrics>()));
        services.AddSingleton(provider => new SavedImages(
            Originals(provider), provider.GetRequiredService<ResultStore>(), Options(provider).Bucket, provider.GetRequiredService<ResultNaming>(),
            provider.GetRequiredService<Recipes>(), provider.GetRequiredService<DerivedImages>()));
        services.AddSingleton(provider => new ResultRemoval(
            Originals(provider), provider.GetRequiredService<ResultPlace>().Store, provider.GetRequiredService<ResultNaming>(),
            provider.GetRequiredService<Recipes>(), provider.GetRequiredService<SourceHeads>(), provider.GetRequiredService<ImageStyles>(),
            provider.GetRequiredService<ResultPlace>().IsOwnBucket ? uploads(provider) : null,
            provider.GetRequiredService<ILogger<ResultRemoval>>()));
        services.AddSingleton(Links);
    }

    /// <summary>What removes the results of an original that was deleted; null where there is no image service.</summary>
    public static Func<NamedStore, ObjectKey, CancellationToken, Task>? Removal(IServiceProvider provider) =>
        Options(provider).Enabled ? provider.GetRequiredService<ResultRemoval>().RemoveAsync : null;

    // Where links are signed with a role, whose credentials end every few minutes, they carry the configured pair all the same: nobody but
    // us has to know it.
    private static SignedImageLinks Links(IServiceProvider provider)
    {
        var (images, oss) = (Options(provider), provider.GetRequiredService<IOptions<OssOptions>>().Value);
        var (id, secret) = images.AccessKeyId.Length > 0 ? (images.AccessKeyId, images.AccessKeySecret) : (oss.AccessKeyId, oss.AccessKeySecret);
        var region = provider.GetService<OssClient>()?.Region ?? OssEndpoint.NormalizeRegion(oss.Region);
        return new SignedImageLinks(
            provider.GetRequiredService<IOptions<ImageOptions>>(),
            Originals(provider).Bucket is { Length: > 0 } bucket ? bucket : DiskBucket,
            region.Length > 0 ? region : DiskRegion,
            oss.Signature,
            id.Length > 0 && secret.Length > 0 ? new OssCredentials(id, secret, securityToken: null) : null,
            provider.GetRequiredService<TimeProvider>());
    }

    // What waits for room waits for the renderers that fill it.
    private static ByteRoom Room(IServiceProvider provider) => new(
        Options(provider).SourceBytesInFlight, provider.GetRequiredService<IOptions<RenderingOptions>>().Value.QueueTimeout,
        provider.GetRequiredService<TimeProvider>());

    private static NamedStore Originals(IServiceProvider provider) => provider.GetRequiredService<ObjectStores>().Main;

    private static ImageOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<ImageOptions>>().Value;

    private static ResultPlace PlaceOf(IServiceProvider provider)
    {
        var (bucket, main) = (Options(provider).Bucket, provider.GetService<OssClient>());
        if (main is not null)
        {
            return bucket.Length == 0 ? new ResultPlace(Originals(provider).Store) : new ResultPlace(new OssClient(
                provider.GetRequiredService<IOptions<OssOptions>>().Value.InBucket(bucket), provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<OssClient>>(), new BufferBudget(BufferBudget.MinBytes), credentials: main.Credentials));
        }

        var data = provider.GetRequiredService<IOptions<DataOptions>>().Value.Folder;
        var folder = Path.Combine(data, "derived");
        try
        {
            return new ResultPlace(new FileSystemObjectStore(folder, NodeIdentity.Peek(data) ?? "node", new BufferBudget(BufferBudget.MinBytes)));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new DataFolderException($"图片处理结果的目录 {Path.GetFullPath(folder)} 无法创建或写入：请检查权限和磁盘。", failure);
        }
    }
}
