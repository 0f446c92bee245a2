using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using OssProxy.Core.Records;
using OssProxy.Emulator;

namespace OssProxy.Api.Hosting;

/// <summary>Failures of starting that the operator can mend, as lines for a person; anything else keeps its stack trace.</summary>
internal static partial class StartupProblem
{
    /// <summary>What to print; null when the failure is not the configuration's.</summary>
    public static IReadOnlyList<string>? Lines(Exception failure) => failure switch
    {
        OptionsValidationException invalid => [.. invalid.Failures],
        AggregateException { InnerExceptions: var all } when all.All(inner => inner is OptionsValidationException) =>
            [.. all.Cast<OptionsValidationException>().SelectMany(invalid => invalid.Failures)],
        InvalidOperationException invalid when Unreadable().Match(invalid.Message) is { Success: true } match =>
            [$"{match.Groups["key"].Value} 的值“{match.Groups["value"].Value}”无法识别，大小填字节数，时间写作 时:分:秒；请对照 docs/configuration.md 填写。"],
        InvalidOperationException invalid when invalid.Message.Contains("is not a valid Serilog level", StringComparison.Ordinal) =>
            ["Serilog:MinimumLevel 的值无法识别，可用：Verbose、Debug、Information、Warning、Error、Fatal。"],
        DataFolderException folder => [folder.Message],
        EmulatorStartException emulator => [emulator.Message],
        RecordsException records => [$"数据库不可用：{records.Message} 请检查 Records:Provider 与 Records:ConnectionString。"],
        IOException { InnerException: AddressInUseException } taken => [$"端口已被占用：{taken.Message} 请停止占用它的程序，或用 URLS（服务）、Emulator__Urls（内嵌模拟器）换一个。"],
        _ => null,
    };

    // The words of the framework's configuration binder, which has no exception of its own; a test starts with such a value.
    [GeneratedRegex("^Failed to convert configuration value '(?<value>.*)' at '(?<key>[^']+)'", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Unreadable();
}
