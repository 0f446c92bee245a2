using System.Globalization;
using Microsoft.Extensions.Options;
using OssProxy.Api.Diagnosis;
using OssProxy.Api.Hosting;
using OssProxy.Api.Reconciling;
using OssProxy.Core;
using OssProxy.Core.Derivatives;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;

namespace OssProxy.Api.Images;

/// <summary>
/// <c>dotnet OssProxy.Api.dll derived</c>: removes images that were made of originals which have gone. Runs beside the server. With
/// a configuration that names a wrong bucket it would take what lies there for results, or all originals for gone: <c>--dry-run</c> tells
/// beforehand. Exit code 0 when nothing is left, 2 when something was only told, 1 when it could not run.
/// </summary>
public static class DerivedSweep
{
    private const string Usage = "用法：derived [--dry-run] [--grace 01:00:00] [--节:键=值 …]";
    private const int CouldNotRun = 1;
    private const int SomethingLeft = 2;
    private static readonly TimeSpan DefaultGrace = TimeSpan.FromHours(1);

    /// <summary>Sweeps what the configuration of this folder, environment and command line names.</summary>
    public static Task<int> RunAsync(string[] args) => RunAsync(args, Console.Out);

    internal static async Task<int> RunAsync(string[] args, TextWriter output)
    {
        try
        {
            var (isDryRun, grace, settings) = Parse(args);
            return await RunAsync(WebApplication.CreateSlimBuilder(settings), isDryRun, grace, output);
        }
        catch (FormatException unread)
        {
            await output.WriteLineAsync("✗ " + unread.Message + Usage);
        }
        catch (StoreException failure)
        {
            await output.WriteLineAsync("✗ 存储：" + Advice.For(failure.InnerException ?? failure));
        }
        catch (Exception failure) when (StartupProblem.Lines(failure) is { } lines)
        {
            foreach (var line in lines)
                await output.WriteLineAsync("✗ " + line);
        }

        return CouldNotRun;
    }

    private static async Task<int> RunAsync(WebApplicationBuilder builder, bool isDryRun, TimeSpan grace, TextWriter output)
    {
        builder.Logging.ClearProviders();
        await using var emulator = await Reconcile.EmulatorAsync(builder);
        builder.Services.AddOssProxy(builder.Configuration);
        builder.Services.AddKnownKeys();

        // The disk's name belongs to the server.
        builder.Services.AddSingleton(provider => DiskAlone(provider));
        await using var services = builder.Services.BuildServiceProvider();
        services.GetService<IStartupValidator>()?.Validate();
        // Styles decide what a result is where OSS keeps some as well.
        var hasOwnBucket = services.GetRequiredService<IOptions<ImageOptions>>().Value.Bucket.Length > 0;
        if (hasOwnBucket && services.GetService<RecordsDatabase>() is not null
            && await RecordsAtHand.FaultAsync(services, CancellationToken.None) is { } fault)
        {
            await output.WriteLineAsync("✗ " + fault);
            return CouldNotRun;
        }

        var found = 0L;
        var seen = await services.GetRequiredService<ResultRemoval>().SweepAsync(
            services.GetRequiredService<TimeProvider>().GetUtcNow() - grace,
            removes: !isDryRun,
            orphan =>
            {
                found++;
                output.WriteLine($"{(isDryRun ? "orphan" : "removed")} {orphan.Key}");
            },
            CancellationToken.None);
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"查看了 {seen} 个处理结果，原图已不存在的 {found} 个{(isDryRun || found == 0 ? "" : "，已删除")}。"));
        return isDryRun && found > 0 ? SomethingLeft : 0;
    }

    private static ObjectStores DiskAlone(IServiceProvider services)
    {
        var disk = OssProxyRegistration.DiskBesideTheServer(services);
        return new ObjectStores(services.GetKeyedService<NamedStore>(OssProxyRegistration.OssStore) ?? disk, disk);
    }

    private static (bool IsDryRun, TimeSpan Grace, string[] Settings) Parse(string[] words)
    {
        var (isDryRun, grace, settings) = (false, DefaultGrace, new List<string>());
        for (var i = 0; i < words.Length; i++)
        {
            var (name, value) = words[i].Split('=', 2) is [var left, var right] ? (left, right) : (words[i], null);
            if (name == "--dry-run" && value is null)
            {
                isDryRun = true;
                continue;
            }

            var isSetting = name.StartsWith("--", StringComparison.Ordinal) && name.Contains(':', StringComparison.Ordinal);
            if (!isSetting && name != "--grace")
                throw new FormatException($"不认识的参数 {words[i]}。");
            value ??= ++i < words.Length && !words[i].StartsWith("--", StringComparison.Ordinal)
                ? words[i] : throw new FormatException($"{name} 后面缺少值。");
            if (isSetting)
                settings.Add($"{name}={value}");
            else if (!TimeSpan.TryParse(value, CultureInfo.InvariantCulture, out grace) || grace < TimeSpan.Zero || grace > TimeSpan.FromDays(365))
                throw new FormatException($"{name} 的值“{value}”无效。");
        }

        return (isDryRun, grace, [.. settings]);
    }
}
