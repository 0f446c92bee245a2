using OssProxy.Core.FileTypes;
using OssProxy.Core.Images;

namespace OssProxy.Core.Uploads;

/// <summary>What the values of a class's policy may be, said in Chinese to whoever sets them.</summary>
internal static class ClassPolicyRules
{
    private static readonly TimeSpan LongestRetention = TimeSpan.FromDays(365);
    private static readonly TimeSpan LongestBudget = TimeSpan.FromDays(7);

    /// <summary>The first value that cannot be used; null when all can.</summary>
    public static string? FaultOf(ClassPolicy policy)
    {
        if (policy.MaxFileBytes is < 1 or > UploadOptionsValidator.LargestFileBytes)
            return $"max_file_bytes 必须在 1 到 {UploadOptionsValidator.LargestFileBytes} 字节之间";
        if (policy.Types is { Count: 0 })
            return "types 不能是空列表；不限制时请去掉这个字段";
        if (policy.Types?.FirstOrDefault(type => type is null || FileTypeCatalog.Find(type) is null) is { } unknown)
            return $"types 里的“{unknown}”不是已知类型";
        if (policy.Types?.Contains(null) == true)
            return "types 里有空值";
        if (policy.Prefix is { } prefix && !UploadFolder.TryParsePrefix(prefix, out _))
            return "prefix 只能由字母、数字、汉字、点、减号、下划线组成，可用 / 分层（至多 8 层）";
        if (policy.Disposition is not (null or "auto" or "attachment"))
            return "disposition 只能是 auto 或 attachment";
        if (policy.Transfer is not (null or "auto" or "stream" or "temp" or "parts"))
            return "transfer 只能是 auto、stream、temp 或 parts";
        if (policy.FilesPerDay < 1)
            return "files_per_day 至少是 1";
        if (policy.BytesPerDay < 1)
            return "bytes_per_day 至少是 1";
        if (policy.RetentionSeconds < 0 || policy.RetentionSeconds > LongestRetention.TotalSeconds)
            return $"retention 必须在 0 到 {LongestRetention.TotalSeconds} 秒之间";
        if (FaultOfProcess(policy.ImageProcess) is { } fault)
            return $"image_process {fault}";
        return policy.TimeBudgetSeconds < 1 || policy.TimeBudgetSeconds > LongestBudget.TotalSeconds
            ? $"time_budget 必须在 1 到 {LongestBudget.TotalSeconds} 秒之间"
            : null;
    }

    /// <summary>What is wrong with a process that is done to every picture that comes in; null when nothing is, or when there is none.</summary>
    public static string? FaultOfProcess(string? process)
    {
        if (string.IsNullOrEmpty(process))
            return null;
        try
        {
            var parsed = ProcessString.Parse(process);
            return parsed.Image is { } image && parsed.SaveAs is null && !image.Actions.Any(action => action is Info or AverageHue)
                ? null
                : "必须是一条 image/… 处理指令，不能含 style、sys/saveas、info 或 average-hue";
        }
        catch (ImageException failure)
        {
            return $"不是有效的图片处理指令：{failure.Message}";
        }
    }
}
