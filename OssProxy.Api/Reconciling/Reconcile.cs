using Microsoft.Extensions.Options;
using OssProxy.Api.Diagnosis;
using OssProxy.Api.Hosting;
using OssProxy.Core;
using OssProxy.Core.Oss;
using OssProxy.Core.Reconciliation;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;
using OssProxy.Core.Uploads;
using OssProxy.Emulator;

namespace OssProxy.Api.Reconciling;

/// <summary>
/// <c>dotnet OssProxy.Api.dll reconcile</c>: compares a store with its records both ways and mends what differs. Runs beside the server: takes
/// no lock of the data folder, and writes as any other node would. Exit code 0 when nothing differs any more, 2 when something is left, 1
/// when it could not run.
/// </summary>
public static class Reconcile
{
    private const int Agreed = 0;
    private const int CouldNotRun = 1;
    private const int Differing = 2;

    /// <summary>Compares what the configuration of this folder, environment and command line names.</summary>
    public static Task<int> RunAsync(string[] args) => RunAsync(args, Console.Out);

    internal static async Task<int> RunAsync(string[] args, TextWriter output)
    {
        var findings = new Findings(output);
        try
        {
            var arguments = ReconcileArguments.Parse(args);
            return await RunAsync(arguments, WebApplication.CreateSlimBuilder([.. arguments.Settings]), findings);
        }
        catch (FormatException unread)
        {
            findings.Say("✗ " + unread.Message + ReconcileArguments.Usage);
        }
        catch (StoreException failure)
        {
            findings.Say("✗ 存储：" + Advice.For(failure.InnerException ?? failure));
        }
        catch (Exception failure) when (StartupProblem.Lines(failure) is { } lines)
        {
            foreach (var line in lines)
                findings.Say("✗ " + line);
        }

        return CouldNotRun;
    }

    private static async Task<int> RunAsync(ReconcileArguments arguments, WebApplicationBuilder builder, Findings findings)
    {
        builder.Logging.ClearProviders();
        await using var emulator = await EmulatorAsync(builder);
        builder.Services.AddOssProxy(builder.Configuration);
        builder.Services.AddKnownKeys();
        await using var services = builder.Services.BuildServiceProvider();
        services.GetService<IStartupValidator>()?.Validate();
        if (await RecordsAtHand.FaultAsync(services, CancellationToken.None) is { } fault)
        {
            findings.Say("✗ " + fault);
            return CouldNotRun;
        }

        var (store, bucket) = StoreOf(arguments, services);
        if (store is null)
        {
            findings.Say("✗ 当前配置没有名为 oss 的存储（Storage:Provider 是 local）。");
            return CouldNotRun;
        }

        return await CompareAsync(arguments, services, store, bucket, findings);
    }

    // The one inside the server has keys that nobody else knows; with the server stopped its folder is free.
    internal static async Task<EmulatorServer?> EmulatorAsync(WebApplicationBuilder builder)
    {
        if (EmbeddedEmulatorRegistration.Options(builder) is not { } options)
            return null;
        options.Urls = "http://127.0.0.1:0";
        var server = await EmulatorServer.StartAsync(options, CancellationToken.None);
        builder.Configuration["Oss:Endpoint"] = server.Address.ToString().TrimEnd('/');
        return server;
    }

    private static (NamedStore? Store, string Bucket) StoreOf(ReconcileArguments arguments, IServiceProvider services)
    {
        var oss = services.GetKeyedService<NamedStore>(OssProxyRegistration.OssStore);
        return arguments.Store == "local" || (arguments.Store is null && oss is null)
            ? (OssProxyRegistration.DiskBesideTheServer(services), "")
            : (oss, oss is null ? "" : services.GetRequiredService<IOptions<OssOptions>>().Value.Bucket);
    }

    private static async Task<int> CompareAsync(
        ReconcileArguments arguments, IServiceProvider services, NamedStore store, string bucket, Findings findings)
    {
        var time = services.GetRequiredService<TimeProvider>();
        var began = time.GetTimestamp();
        var rows = new ImageRows(services.GetRequiredService<RecordsDatabase>(), store.Name, bucket);
        var deletions = services.GetRequiredService<DeletionQueue>();
        var isOss = store.Name == OssProxyRegistration.OssStore;
        var prefix = arguments.Prefix
            ?? (isOss ? UploadFolder.ParsePrefix(services.GetRequiredService<IOptions<UploadOptions>>().Value.Prefix) + "/" : "");
        var scope = new ComparisonScope(prefix, time.GetUtcNow() - arguments.Grace, isOss ? null : NodeOf(services))
        {
            Since = await services.GetRequiredService<RecordsDatabase>().SinceAsync(CancellationToken.None),
        };
        // Each page is garbage when the next one comes, and a page of a listing is large enough for the heap that is collected last. Left to
        // itself the runtime lets it grow by 20 MiB over 200,000 objects, which is what a container beside the server may not have.
        var comparison = new Comparison(store, rows, deletions, scope) { AfterPage = static () => GC.Collect() };

        if (await FindAsync(comparison, arguments, findings) is { } differences && !arguments.DryRun)
            await MendAsync(differences, new Mending(store, rows, deletions, findings.Removing), findings);
        findings.Close(store.Name, prefix, comparison, time.GetElapsedTime(began));
        return findings.IsAgreed ? Agreed : Differing;
    }

    // Several nodes have a disk each and one database: only what this node claimed has to lie on this disk.
    private static string? NodeOf(IServiceProvider services)
    {
        if (!RecordsOptions.Postgres.Equals(services.GetRequiredService<IOptions<RecordsOptions>>().Value.Provider, StringComparison.OrdinalIgnoreCase))
            return null;
        var folder = services.GetRequiredService<IOptions<DataOptions>>().Value.Folder;
        return NodeIdentity.Peek(folder)
            ?? throw new DataFolderException($"数据目录 {Path.GetFullPath(folder)} 里没有 node.id：请在服务所在的机器上运行，并把 Data:Folder 指向服务所用的目录。");
    }

    // Everything first, so that too much of it is noticed before anything is touched. Null when it was too much.
    private static async Task<List<Difference>?> FindAsync(Comparison comparison, ReconcileArguments arguments, Findings findings)
    {
        var found = new List<Difference>();
        await foreach (var difference in AllAsync(comparison, findings))
        {
            var ofItsKind = findings.Take(difference);
            if (arguments.DryRun)
                continue;
            if (ofItsKind > arguments.Limit && LosesSomething(difference.Kind))
            {
                findings.Say($"✗ 同一类不一致超过 {arguments.Limit} 处，已停止，什么也没有改动。请先核对：Oss:Bucket 与 Records:ConnectionString 是不是同一套；"
                    + "Bucket 里是否有旧系统或其他程序存放、从未登记过的文件（用 --prefix 只比较自己的目录）。用 --dry-run 查看全部；确认无误后用 --limit 提高上限。");
                return null;
            }

            found.Add(difference);
        }

        if (arguments.DryRun || arguments.IsLimitGiven)
            return found;
        if (IsMuch(findings.Of(DifferenceKind.ObjectWithoutRow), comparison.Objects) || IsMuch(findings.Of(DifferenceKind.RowWithoutObject), comparison.Rows))
        {
            findings.Say("✗ 超过十分之一的对象没有记录，或记录没有对象，像是配错了 Bucket 或数据库，或 Bucket 里有别的程序（也包括 Records:Provider=none 期间）存放的文件；什么也没有改动。"
                + "请用 --dry-run 逐条核对；确认可以处理后，写明 --limit 再执行。");
            return null;
        }

        return found;
    }

    private static bool LosesSomething(DifferenceKind kind) => kind is DifferenceKind.ObjectWithoutRow or DifferenceKind.RowWithoutObject;

    // A handful may be all there is of a small deployment.
    private static bool IsMuch(int found, long seen) => found > 10 && found > seen / 10;

    private static async IAsyncEnumerable<Difference> AllAsync(Comparison comparison, Findings findings)
    {
        await foreach (var difference in comparison.ObjectsAndRowsAsync(CancellationToken.None))
            yield return difference;
        await foreach (var difference in comparison.GivenUpAsync(CancellationToken.None))
            yield return difference;
        await using var parts = comparison.PartsAsync(CancellationToken.None).GetAsyncEnumerator(CancellationToken.None);
        while (await MayLookAsync(parts, findings))
            yield return parts.Current;
    }

    // A key that may list objects need not be one that may list parts, and not every endpoint that speaks like OSS can.
    private static async Task<bool> MayLookAsync(IAsyncEnumerator<Difference> parts, Findings findings)
    {
        try
        {
            return await parts.MoveNextAsync();
        }
        catch (StoreException failure) when (failure.Error is StoreError.StoreAccessDenied or StoreError.StoreMisconfigured)
        {
            findings.Say("! 没有检查遗留的分片：" + Advice.For(failure.InnerException ?? failure));
            return false;
        }
    }

    private static async Task MendAsync(List<Difference> differences, Mending mending, Findings findings)
    {
        foreach (var difference in differences)
        {
            try
            {
                findings.Took(difference, await mending.MendAsync(difference, CancellationToken.None));
            }
            catch (Exception failure) when (failure is StoreException or RecordsException)
            {
                findings.Failed(difference, failure);
            }
        }
    }
}
