using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OssProxy.Core.Derivatives;
using OssProxy.Core.Goods;
using OssProxy.Core.Grants;
using OssProxy.Core.Identity;
using OssProxy.Core.Oss;
using OssProxy.Core.Reconciliation;
using OssProxy.Core.Records;
using OssProxy.Core.Rendering;
using OssProxy.Core.Storage;
using OssProxy.Core.Streams;
using OssProxy.Core.Sts;
using OssProxy.Core.Transfers;
using OssProxy.Core.Uploads;
using OssProxy.Core.Videos;

namespace OssProxy.Core;

/// <summary>Joins the rooms, in the order in which data flows through them. The only file of Core that may look into all of them.</summary>
public static partial class OssProxyRegistration
{
    /// <summary>The key of the service that is the OSS as a store; absent where OSS is not used. To be had without the data folder.</summary>
    public const string OssStore = "oss";

    /// <summary>Adds everything but HTTP.</summary>
    public static IServiceCollection AddOssProxy(this IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddChecked<DataOptions, DataOptionsValidator>(DataOptions.Section);

        services.AddChecked<UploadOptions, UploadOptionsValidator>(UploadOptions.Section);
        services.AddSingleton(provider => new ObjectNaming(
            provider.GetRequiredService<TimeProvider>(), TimeZoneInfo.FindSystemTimeZoneById(Options<UploadOptions>(provider).TimeZone)));
        services.AddSingleton(provider => new UploadPolicies(
            provider.GetRequiredService<ObjectStores>(), provider.GetRequiredService<TransferSelector>(),
            provider.GetRequiredService<ObjectNaming>(), provider.GetRequiredService<IOptions<UploadOptions>>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetService<ImageClasses>(), provider.GetService<RecordsDatabase>()));
        services.AddSingleton(provider => new UndoDeadline(
            Options<UploadOptions>(provider).CleanUpTimeout, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new PictureTreatments(
            provider.GetRequiredService<Renderer>(), provider.GetRequiredService<RenderLimits>(),
            Options<RenderingOptions>(provider).Lanes, Options<RenderingOptions>(provider).UrgentTimeout,
            provider.GetRequiredService<SpoolFolder>(), provider.GetRequiredService<BufferBudget>(),
            provider.GetRequiredService<ObjectStores>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<PictureTreatments>>()));
        services.AddSingleton<UploadPipeline>();

        AddTransfers(services);
        AddStores(services, configuration);
        AddRecords(services, configuration);
        services.AddIdentity(keepsRecords: !KeepsNone(configuration), countsTogether: Keeps(RecordsOptions.Postgres, configuration));

        // Last, so that at start the node has its folder to itself and the schema stands before anything left behind is looked for.
        services.AddSingleton(provider => new UploadSettlement(
            provider.GetRequiredService<IUploadRecords>(), provider.GetRequiredService<ObjectStores>(),
            Options<UploadOptions>(provider).RecheckDelay, provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<UploadSettlement>>()));
        services.AddHostedService(provider => provider.GetRequiredService<UploadSettlement>());
        AddReconciliation(services, configuration);
        services.AddRendering(provider => Path.Combine(Options<DataOptions>(provider).Folder, "render"));
        services.AddVideos();
        services.TryAddSingleton<SnapshotTaker>(provider => provider.GetRequiredService<VideoSnapshots>().TakeAsync);
        services.AddDerivatives(keepsRecords: !KeepsNone(configuration), provider =>
        [
            UploadFolder.ParsePrefix(Options<UploadOptions>(provider).Prefix) + "/",
            UploadFolder.ParsePrefix(Options<GrantOptions>(provider).Prefix) + "/",
        ]);
        services.AddOptions<ImageOptions>().Validate<IOptions<UploadOptions>, IOptions<GrantOptions>>(
            (images, uploads, grants) => !images.Overlaps(uploads.Value.Prefix) && !images.Overlaps(grants.Value.Prefix),
            "Images:Prefix 不能与 Uploads:Prefix、Grants:Prefix 相同或互为上下级：处理结果会被当作没有记录的上传清理掉。");
        services.AddSingleton<ImageLink>(provider => provider.GetRequiredService<SignedImageLinks>().Sign);
        services.AddGrants(keepsRecords: !KeepsNone(configuration));
        services.AddGoods(keepsRecords: !KeepsNone(configuration));
        return services;
    }

    /// <summary>Binds a section to its options and checks them at start.</summary>
    public static void AddChecked<TOptions, TValidator>(this IServiceCollection services, string section)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions>
    {
        services.AddOptions<TOptions>().BindConfiguration(section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TOptions>, TValidator>());
    }

    /// <summary>The local disk for a program beside the server, which holds the node's name.</summary>
    public static NamedStore DiskBesideTheServer(IServiceProvider provider) => Disk(
        provider, new FileSystemObjectStore(LocalFolder(provider), $"beside-{Guid.NewGuid():N}", provider.GetRequiredService<BufferBudget>()));

    private static NamedStore Disk(IServiceProvider provider, FileSystemObjectStore store) =>
        new("local", store, new ObjectLinks(Options<LocalStoreOptions>(provider).PublicBaseUrl));

    private static string LocalFolder(IServiceProvider provider) =>
        Options<LocalStoreOptions>(provider).Folder is { Length: > 0 } configured
            ? configured : Path.Combine(Options<DataOptions>(provider).Folder, "uploads");

    private static void AddTransfers(IServiceCollection services)
    {
        services.AddSingleton(provider => new BufferBudget(Options<UploadOptions>(provider).BufferBytes));
        services.AddSingleton(provider =>
        {
            var options = Options<UploadOptions>(provider);
            return new PartLimits
            {
                ReplayBytes = options.ReplayBytes,
                PartThreshold = options.PartThreshold,
                PartBytes = options.PartBytes,
                PartsInFlight = options.PartsInFlight,
            };
        });
        services.AddSingleton(provider =>
        {
            var configured = Options<UploadOptions>(provider).TempFolder;
            var path = configured.Length > 0 ? configured : Path.Combine(Options<DataOptions>(provider).Folder, "spool");
            return new SpoolFolder(
                path, provider.GetRequiredService<NodeIdentity>().Id, Options<UploadOptions>(provider).TempReserveBytes);
        });
        services.AddSingleton<ITransfer, AutoTransfer>();
        services.AddSingleton<ITransfer, StreamTransfer>();
        services.AddSingleton<ITransfer, TempTransfer>();
        services.AddSingleton<ITransfer, PartsTransfer>();
        services.AddSingleton(provider => new TransferSelector(
            provider.GetServices<ITransfer>(), Options<UploadOptions>(provider).Transfer));
    }

    private static void AddStores(IServiceCollection services, IConfiguration configuration)
    {
        services.AddChecked<StorageOptions, StorageOptionsValidator>(StorageOptions.Section);
        services.AddChecked<LocalStoreOptions, LocalStoreOptionsValidator>(LocalStoreOptions.Section);
        services.AddOptions<LocalStoreOptions>().Validate<IOptions<DataOptions>>(
            (local, data) => !Publishes(local.Folder, data.Value.Folder),
            "Local:Folder 不能是数据目录（Data:Folder）本身或它的上级：其中的数据库会被公开下载。请换一个目录，或留空。");
        services.AddSingleton(provider =>
        {
            var folder = LocalFolder(provider);
            try
            {
                return new FileSystemObjectStore(
                    folder, provider.GetRequiredService<NodeIdentity>().Id, provider.GetRequiredService<BufferBudget>());
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                throw new DataFolderException(
                    $"本机文件目录 {Path.GetFullPath(folder)} 无法创建或写入：请检查权限和磁盘，或把 Local:Folder 指向另一个目录。", failure);
            }
        });

        services.AddChecked<StsOptions, StsOptionsValidator>(StsOptions.Section);

        // An OSS that is not used needs no settings.
        if (configuration[StorageOptions.Section + ":" + nameof(StorageOptions.Provider)] is not "local")
        {
            services.AddChecked<OssOptions, OssOptionsValidator>(OssOptions.Section);
            AddCredentials(services, configuration);
            services.AddSingleton(provider => new OssClient(
                Options<OssOptions>(provider), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<OssClient>>(),
                provider.GetRequiredService<BufferBudget>(), credentials: provider.GetRequiredService<OwnCredentials>().Store));
            services.AddKeyedSingleton(OssStore, (provider, _) =>
            {
                var client = provider.GetRequiredService<OssClient>();
                return new NamedStore(
                    OssStore, new OssObjectStore(client), client.Endpoint.Links(Options<OssOptions>(provider).PublicBaseUrl),
                    OssObjects.MaxPutBytes)
                {
                    Bucket = Options<OssOptions>(provider).Bucket,
                };
            });
        }

        services.AddSingleton(provider =>
        {
            var disk = Disk(provider, provider.GetRequiredService<FileSystemObjectStore>());
            return new ObjectStores(provider.GetKeyedService<NamedStore>(OssStore) ?? disk, disk);
        });
    }

    // The environment is among the configuration.
    private static void AddCredentials(IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(provider => new OwnCredentials(
            Options<OssOptions>(provider), Options<StsOptions>(provider), name => configuration[name],
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton(provider => provider.GetRequiredService<OwnCredentials>().Sts);
        services.AddSingleton(provider => new ClientCredentials(
            provider.GetRequiredService<StsClient>(), Options<StsOptions>(provider), provider.GetRequiredService<TimeProvider>()));
    }

    private static void AddReconciliation(IServiceCollection services, IConfiguration configuration)
    {
        services.AddChecked<ReconciliationOptions, ReconciliationOptionsValidator>(ReconciliationOptions.Section);
        services.AddOptions<ReconciliationOptions>().Validate<IOptions<UploadOptions>>(
            (reconciliation, uploads) => reconciliation.ClaimDeadline > uploads.Value.TimeBudget,
            "Reconciliation:ClaimDeadline 必须大于 Uploads:TimeBudget：否则仍在进行的上传会被当作遗留的清理掉。");
        if (KeepsNone(configuration))
            return;

        services.AddSingleton(provider => new DeletionQueue(
            provider.GetRequiredService<RecordsDatabase>(), provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService(provider =>
        {
            var options = Options<ReconciliationOptions>(provider);
            var database = provider.GetRequiredService<RecordsDatabase>();
            var stores = provider.GetRequiredService<ObjectStores>();
            var node = provider.GetRequiredService<NodeIdentity>().Id;
            var time = provider.GetRequiredService<TimeProvider>();
            var loggers = provider.GetRequiredService<ILoggerFactory>();
            // Another one for every process: a node that starts again is not the one that had the lease.
            var holder = $"{node}-{Guid.NewGuid():N}";
            return new AgreementKeeper(
                new LeaseHolder(new Leases(database, options.LeaseDuration, time), holder, time, loggers.CreateLogger<LeaseHolder>()),
                Options<RecordsOptions>(provider).UsesPostgres ? Lane.Of(node) : Lane.Alone,
                new DeletionWorker(
                    provider.GetRequiredService<DeletionQueue>(), stores, options, time, loggers.CreateLogger<DeletionWorker>(),
                    DerivativesRegistration.Removal(provider)),
                new ClaimReconciler(new StaleClaims(database, time), stores, options, time, loggers.CreateLogger<ClaimReconciler>()));
        });
    }

    private static bool KeepsNone(IConfiguration configuration) => Keeps(RecordsOptions.None, configuration);

    private static bool Keeps(string provider, IConfiguration configuration) => provider.Equals(
        configuration[RecordsOptions.Section + ":" + nameof(RecordsOptions.Provider)], StringComparison.OrdinalIgnoreCase);

    private static void AddRecords(IServiceCollection services, IConfiguration configuration)
    {
        services.AddChecked<RecordsOptions, RecordsOptionsValidator>(RecordsOptions.Section);
        services.AddSingleton(provider => NodeIdentity.Acquire(Options<DataOptions>(provider).Folder));
        services.AddHostedService<NodeStart>();
        if (KeepsNone(configuration))
        {
            services.AddSingleton<NoRecords>();
            services.AddSingleton<IRecordsProbe>(provider => provider.GetRequiredService<NoRecords>());
            services.AddSingleton<IUploadRecords>(provider => provider.GetRequiredService<NoRecords>());
            return;
        }

        services.AddSingleton(provider => RecordsDatabase.For(
            Options<RecordsOptions>(provider), Options<DataOptions>(provider).Folder, provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<IRecordsProbe>(provider => provider.GetRequiredService<RecordsDatabase>());
        services.AddSingleton<ImageClasses>();
        services.AddSingleton<ImageLibrary>();
        services.AddSingleton<IUploadRecords>(provider => new UploadRecords(
            provider.GetRequiredService<RecordsDatabase>(), provider.GetRequiredService<NodeIdentity>().Id,
            provider.GetRequiredService<TimeProvider>()));
    }

    // What lies below the local store's root is served to everybody; the database and the node's name must not.
    private static bool Publishes(string localFolder, string dataFolder)
    {
        static string Whole(string folder) => Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar;
        return localFolder.Length > 0 && Whole(dataFolder).StartsWith(Whole(localFolder), StringComparison.OrdinalIgnoreCase);
    }

    private static TOptions Options<TOptions>(IServiceProvider provider)
        where TOptions : class =>
        provider.GetRequiredService<IOptions<TOptions>>().Value;

    /// <summary>What a node does before anything else: takes its data folder, brings the schema up to date, sweeps up after a process of
    /// its own that was killed. Without records there is no database.</summary>
    private sealed class NodeStart(
        NodeIdentity node, SpoolFolder spool, FileSystemObjectStore disk, ILogger<NodeStart> log, RecordsDatabase? records = null)
        : IHostedService
    {
        public async Task StartAsync(CancellationToken cancellationToken)
        {
            if (records is null)
                Log.NoRecords(log);
            else
                await records.StartAsync(cancellationToken);
            var swept = Sweep(spool.Sweep) + Sweep(disk.Sweep);
            if (swept > 0)
                Log.Swept(log, swept, node.Id);
        }

        // What cannot be removed is told; it is no reason not to serve.
        private int Sweep(Func<int> sweep)
        {
            try
            {
                return sweep();
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                Log.NotSwept(log, failure);
                return 0;
            }
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning,
            Message = "Records:Provider is none: no upload is remembered, and what a killed process leaves in the store is found by nobody")]
        public static partial void NoRecords(ILogger log);

        [LoggerMessage(Level = LogLevel.Warning, Message = "Removed {Count} unfinished files of an earlier process of node {Node}")]
        public static partial void Swept(ILogger log, int count, string node);

        [LoggerMessage(Level = LogLevel.Error, Message = "Unfinished files of an earlier process could not all be removed")]
        public static partial void NotSwept(ILogger log, Exception failure);
    }
}
