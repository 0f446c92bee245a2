using OssProxy.Api.Hosting;
using OssProxy.Core;
using OssProxy.Core.Identity;

namespace OssProxy.Api.AccessCommands;

/// <summary>
/// What <c>accounts</c> and <c>keys</c> have in common. They work on the database of the server, beside it, and take no lock of its data
/// folder; what they take away holds in the server within <c>CallerCache.Lifetime</c>. The standard output has what was asked for and nothing
/// else, so that a script can take it; sentences go to the other one. Exit code 0 when it is done, 2 when the database has it otherwise (no
/// such account, the name is taken), 1 when it could not run.
/// </summary>
internal static class AccessCommand
{
    public const int Done = 0;
    public const int CouldNotRun = 1;
    public const int NotSo = 2;

    /// <summary>Who is written down for what a command line does.</summary>
    private const string Actor = "cli";

    /// <summary>Runs a command.</summary>
    /// <param name="plan">Makes of the arguments what is to be done; throws <see cref="FormatException"/> where they are not understood.</param>
    public static async Task<int> RunAsync(
        string[] words, string usage, string[] valued, string[] plain, Func<AccessArguments, Func<IServiceProvider, Task<int>>> plan)
    {
        if (words is [] or ["help" or "--help" or "-h", ..])
        {
            await (words.Length == 0 ? Console.Error : Console.Out).WriteLineAsync(usage);
            return words.Length == 0 ? CouldNotRun : Done;
        }

        try
        {
            var arguments = AccessArguments.Parse(words, valued, plain);
            return await RunAsync(plan(arguments), WebApplication.CreateSlimBuilder([.. arguments.Settings]));
        }
        catch (FormatException unread)
        {
            await SayAsync($"✗ {unread.Message}\n{usage}");
        }
        catch (Exception failure) when (StartupProblem.Lines(failure) is { } lines)
        {
            foreach (var line in lines)
                await SayAsync("✗ " + line);
        }

        return CouldNotRun;
    }

    /// <summary>A sentence for the operator.</summary>
    public static Task SayAsync(string sentence) => Console.Error.WriteLineAsync(sentence);

    /// <summary>A name that the operator has typed.</summary>
    /// <exception cref="FormatException">It cannot be one.</exception>
    public static PlainName Name(string text) => PlainName.TryParse(text, out var name)
        ? name : throw new FormatException($"名称要有 1 到 {PlainName.Longest} 个字符，不能含有控制字符或看不见的字符。");

    /// <summary>Writes down what was done.</summary>
    public static Task WriteDownAsync(IServiceProvider services, string action, string subject, string detail = "") =>
        services.GetRequiredService<AuditTrail>().WriteAsync(new AuditEvent(Actor, action, subject, Address: "", detail));

    // Only the sections that are needed are checked: accounts are made before the store is set up, too.
    private static async Task<int> RunAsync(Func<IServiceProvider, Task<int>> work, WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        builder.Services.AddOssProxy(builder.Configuration);
        builder.Services.AddKnownKeys();
        await using var services = builder.Services.BuildServiceProvider();
        if (await RecordsAtHand.FaultAsync(services, CancellationToken.None) is not { } fault)
            return await work(services);
        await SayAsync("✗ " + fault);
        return CouldNotRun;
    }
}
