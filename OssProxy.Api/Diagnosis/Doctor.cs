using Microsoft.Extensions.Options;
using OssProxy.Api.Hosting;
using OssProxy.Api.Rendering;
using OssProxy.Core;
using OssProxy.Core.Oss;
using OssProxy.Core.Records;
using OssProxy.Core.Rendering.Workers;
using OssProxy.Core.Storage;
using OssProxy.Core.Sts;
using OssProxy.Core.Uploads;
using OssProxy.Core.Videos;
using OssProxy.Emulator;

namespace OssProxy.Api.Diagnosis;

/// <summary>
/// <c>dotnet OssProxy.Api.dll doctor</c>: checks what the server would need, in the order in which it would need it, and says of each fault
/// what to do about it. May run beside the server: takes no lock, leaves nothing in the bucket and the database as it was. Exit code 0 when
/// all is well, else 1.
/// </summary>
public static class Doctor
{
    /// <summary>Examines the configuration of this folder, environment and command line.</summary>
    public static Task<int> RunAsync(string[] args) => RunAsync(WebApplication.CreateBuilder(args), Console.Out);

    internal static async Task<int> RunAsync(WebApplicationBuilder builder, TextWriter output)
    {
        builder.Logging.ClearProviders();
        var report = new Report(output);
        try
        {
            await ExamineAsync(builder, report);
        }
        catch (Exception failure) when (StartupProblem.Lines(failure) is { } lines)
        {
            foreach (var line in lines)
                report.Bad("配置", line);
        }

        return report.Close();
    }

    private static async Task ExamineAsync(WebApplicationBuilder builder, Report report)
    {
        await using var emulator = await TemporaryEmulator.StartAsync(builder);
        builder.Services.AddOssProxy(builder.Configuration);
        builder.Services.AddChecked<ServerOptions, ServerOptionsValidator>(ServerOptions.Section);
        builder.Services.AddKnownKeys();
        builder.Services.AddRenderWorkers();
        await using var services = builder.Services.BuildServiceProvider();

        if (emulator is not null)
            report.Note("没有配置 Oss:Endpoint，开发环境使用内嵌模拟器；以下检查针对一个临时的模拟器。");
        services.GetService<IStartupValidator>()?.Validate();
        report.Good("配置", "各项取值有效");
        await CheckDataAsync(services, report);
        await new RenderingCheck(services.GetRequiredService<WorkerPool>(), report).RunAsync(CancellationToken.None);
        await CheckVideosAsync(services, report);
        if (services.GetService<OssClient>() is { } client)
        {
            var prefix = UploadFolder.ParsePrefix(services.GetRequiredService<IOptions<UploadOptions>>().Value.Prefix);
            // Not by way of all stores: the one on the disk belongs to the node, whose name the running server holds.
            var store = services.GetRequiredKeyedService<NamedStore>(OssProxyRegistration.OssStore);
            var credentials = new CredentialsCheck(
                services.GetRequiredService<IOptions<OssOptions>>().Value, services.GetRequiredService<IOptions<StsOptions>>().Value,
                services.GetRequiredService<OwnCredentials>(), services.GetRequiredService<ClientCredentials>(), report);
            if (await credentials.RunAsync($"{prefix}/", CancellationToken.None))
                await new BucketCheck(client, store, prefix, report).RunAsync(CancellationToken.None);
        }
    }

    private static async Task CheckDataAsync(IServiceProvider services, Report report)
    {
        var folder = Path.GetFullPath(services.GetRequiredService<IOptions<DataOptions>>().Value.Folder);
        var uploads = services.GetRequiredService<IOptions<UploadOptions>>().Value;
        CheckWritable("数据目录", folder, "Data:Folder", report);
        if (uploads.TempFolder.Length > 0)
            CheckWritable("暂存目录", Path.GetFullPath(uploads.TempFolder), "Uploads:TempFolder", report);
        var local = services.GetRequiredService<IOptions<LocalStoreOptions>>().Value.Folder;
        if (local.Length > 0)
            CheckWritable("本机文件目录", Path.GetFullPath(local), "Local:Folder", report);

        try
        {
            if (services.GetService<RecordsDatabase>() is not { } records)
                report.Warn("数据库", "Records:Provider 是 none，不保存上传记录；进程被杀时留在存储里的对象不会被发现");
            else if (records.MissingFile is { } file)
                CheckWritable("数据库", Path.GetDirectoryName(file)!, "Records:ConnectionString", report, $"{file} 将在启动时创建");
            else if (await records.LookAsync(CancellationToken.None))
                await CheckRecordsAsync(services, report);
            else
                report.Good("数据库", "可以访问；表结构比程序旧，启动服务时会自动升级");
        }
        catch (RecordsException failure)
        {
            report.Bad("数据库", $"不可用：{failure.Message} 请检查 Records:Provider 与 Records:ConnectionString。");
        }
    }

    // Its absence is no fault: whoever has no videos needs none.
    private static async Task CheckVideosAsync(IServiceProvider services, Report report)
    {
        const string Title = "视频截图";
        var configured = services.GetRequiredService<IOptions<VideoOptions>>().Value.Ffmpeg;
        if (FfmpegProgram.Find(configured, Environment.GetEnvironmentVariable("PATH")) is not { } program)
            report.Warn(Title, "没有找到 ffmpeg，视频封面不可用：请安装（Debian、Ubuntu：apt-get install ffmpeg），或用 Videos:Ffmpeg 指明它的路径。");
        else if (await FfmpegProgram.VersionAsync(program, services.GetRequiredService<TimeProvider>(), CancellationToken.None) is { } version)
            report.Good(Title, $"ffmpeg {version}（{program}）");
        else
            report.Warn(Title, $"{program} 不能运行，视频封面不可用：请检查权限，或重新安装 ffmpeg。");
    }

    private static async Task CheckRecordsAsync(IServiceProvider services, Report report)
    {
        report.Good("数据库", "可读写");
        if (await services.GetRequiredService<DeletionQueue>().CountFailedAsync(CancellationToken.None) is > 0 and var failed)
            report.Warn("删除", $"{failed} 个已删除图片的对象多次删除失败，已放弃；请用 reconcile --dry-run 查看原因，排除后运行 reconcile 重试。");
    }

    private static void CheckWritable(string title, string folder, string key, Report report, string? good = null)
    {
        var probe = Path.Combine(folder, $".doctor-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(folder);
            using (new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose))
                report.Good(title, good ?? folder + " 可写");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            report.Bad(title, $"{folder} 不可写（{failure.Message}）。请修改目录权限，或用 {key} 换一个目录。");
        }
    }

    /// <summary>In place of the embedded one, whose port and folder may be in use by the server.</summary>
    private sealed class TemporaryEmulator(EmulatorServer server, string folder) : IAsyncDisposable
    {
        /// <summary>Starts one where the server would, and points the configuration at it; null where it would not.</summary>
        public static async Task<TemporaryEmulator?> StartAsync(WebApplicationBuilder builder)
        {
            if (EmbeddedEmulatorRegistration.Options(builder) is not { } options)
                return null;

            options.Urls = "http://127.0.0.1:0";
            options.Folder = Directory.CreateTempSubdirectory("ossproxy-doctor-").FullName;
            var server = await EmulatorServer.StartAsync(options, CancellationToken.None);
            builder.Configuration["Oss:Endpoint"] = builder.Configuration["Sts:Endpoint"] = server.Address.ToString().TrimEnd('/');
            return new TemporaryEmulator(server, options.Folder);
        }

        public async ValueTask DisposeAsync()
        {
            await server.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }
    }
}
