using Microsoft.Extensions.Options;
using OssProxy.Core.FileTypes;
using OssProxy.Core.Streams;

namespace OssProxy.Core.Uploads;

/// <summary>Names every key that is wrong as the operator typed it, and says what to do.</summary>
public sealed class UploadOptionsValidator : IValidateOptions<UploadOptions>
{
    /// <summary>The largest limit that makes sense, in bytes: 5 TB.</summary>
    public const long LargestFileBytes = 5L * 1024 * 1024 * 1024 * 1024;

    public ValidateOptionsResult Validate(string? name, UploadOptions options)
    {
        var wrong = new List<string>();
        if (options.Transfer is not ("auto" or "stream" or "temp" or "parts"))
            wrong.Add($"Uploads:Transfer 的值“{options.Transfer}”无效，请填 auto（自动）、stream（边收边传）、temp（先落盘再传）或 parts（分片）。");
        Check(wrong, "Uploads:BufferBytes", options.BufferBytes, BufferBudget.MinBytes, BufferBudget.MaxBytes);
        Check(wrong, "Uploads:ReplayBytes", options.ReplayBytes, BufferBudget.BlockBytes, Math.Max(options.BufferBytes, BufferBudget.MinBytes) / 8);
        Check(wrong, "Uploads:PartThreshold", options.PartThreshold, 1 << 20, 5L << 30);
        Check(wrong, "Uploads:PartBytes", options.PartBytes, 1 << 20, 512 << 20);
        Check(wrong, "Uploads:PartsInFlight", options.PartsInFlight, 1, 16);
        Check(wrong, "Uploads:TempReserveBytes", options.TempReserveBytes, 0, 1L << 40);
        if (options.MaxFileBytes is < 1 or > LargestFileBytes)
            wrong.Add($"Uploads:MaxFileBytes 必须在 1 到 {LargestFileBytes} 字节之间。");
        if (options.MaxFiles is < 1 or > 100)
            wrong.Add("Uploads:MaxFiles 必须在 1 到 100 之间。");
        foreach (var unknown in options.AllowedTypeNames().Where(type => FileTypeCatalog.Find(type) is null))
        {
            wrong.Add($"Uploads:AllowedTypes 里的“{unknown}”不是已知类型；可用："
                + string.Join("、", FileTypeCatalog.All.Select(type => type.Name)) + "。");
        }

        if (!UploadFolder.TryParsePrefix(options.Prefix, out _))
            wrong.Add("Uploads:Prefix 只能由字母、数字、汉字、点、减号、下划线组成，可用 / 分层（至多 8 层，每层至多 64 个字符，不以点开头或结尾），例如 images。");
        if (options.MinBytesPerSecond is < 0 or > 1_000_000)
            wrong.Add("Uploads:MinBytesPerSecond 必须在 0 到 1000000 之间，0 表示不限制。");
        if (options.MaxOpen is < 1 or > 1_000_000)
            wrong.Add("Uploads:MaxOpen 必须在 1 到 1000000 之间。");
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(options.TimeZone, out _))
            wrong.Add($"Uploads:TimeZone 的值“{options.TimeZone}”不是本机认识的时区，例如 Asia/Shanghai。");
        if (options.Disposition is not ("auto" or "attachment"))
            wrong.Add($"Uploads:Disposition 的值“{options.Disposition}”无效，请填 auto（能安全显示的直接显示）或 attachment（一律下载）。");
        if (ClassPolicyRules.FaultOfProcess(options.ImageProcess) is { } fault)
            wrong.Add($"Uploads:ImageProcess {fault}。");
        Check(wrong, "Uploads:FilesPerDay", options.FilesPerDay, 0, long.MaxValue);
        Check(wrong, "Uploads:BytesPerDay", options.BytesPerDay, 0, long.MaxValue);
        if (options.Retention < TimeSpan.Zero || options.Retention > TimeSpan.FromDays(365))
            wrong.Add("Uploads:Retention 必须在 0 到 365 天之间，0 表示立即清除。");
        Check(wrong, "Uploads:IdleTimeout", options.IdleTimeout, TimeSpan.FromHours(1));
        Check(wrong, "Uploads:RateWindow", options.RateWindow, TimeSpan.FromHours(1));
        Check(wrong, "Uploads:TimeBudget", options.TimeBudget, TimeSpan.FromDays(7));
        Check(wrong, "Uploads:CleanUpTimeout", options.CleanUpTimeout, TimeSpan.FromMinutes(1));
        Check(wrong, "Uploads:RecheckDelay", options.RecheckDelay, TimeSpan.FromHours(1));
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    private static void Check(List<string> wrong, string key, long value, long least, long most)
    {
        if (value < least || value > most)
            wrong.Add($"{key} 必须在 {least} 到 {most} 之间。");
    }

    private static void Check(List<string> wrong, string key, TimeSpan value, TimeSpan longest)
    {
        if (value < TimeSpan.FromSeconds(1) || value > longest)
            wrong.Add($"{key} 必须在 00:00:01 到 {longest:c} 之间。");
    }
}
