using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using OssProxy.Core.Records;

namespace OssProxy.Api.Hosting;

/// <summary>Failures of starting that the operator can mend, as lines for a person; anything else keeps its stack trace.</summary>
internal static class StartupProblem
{
    // The binder has no exception of its own; a test starts with such a value.
    private const string Unreadable = "Failed to convert configuration value";

    /// <summary>What to print; null when the failure is not the configuration's.</summary>
    public static IReadOnlyList<string>? Lines(Exception failure) => failure switch
    {
        OptionsValidationException invalid => [.. invalid.Failures],
        AggregateException { InnerExceptions: var all } when all.All(inner => inner is OptionsValidationException) =>
            [.. all.Cast<OptionsValidationException>().SelectMany(invalid => invalid.Failures)],
        InvalidOperationException { InnerException: not null } unreadable when unreadable.Message.StartsWith(Unreadable, StringComparison.Ordinal) =>
            [$"配置里有读不懂的值：{unreadable.Message} 大小填字节数，时间写作 时:分:秒。"],
        DataFolderException folder => [folder.Message],
        RecordsException records => [$"数据库不可用：{records.Message} 请检查 Records:Provider 与 Records:ConnectionString。"],
        IOException { InnerException: AddressInUseException } taken => [$"端口已被占用：{taken.Message} 请停止占用它的程序，或用 URLS（服务）、Emulator__Urls（内嵌模拟器）换一个。"],
        _ => null,
    };
}
