using Microsoft.Extensions.Options;

namespace OssProxy.Core.Reconciliation;

/// <summary>Names every key that is wrong as the operator typed it, and says what to do.</summary>
public sealed class ReconciliationOptionsValidator : IValidateOptions<ReconciliationOptions>
{
    public ValidateOptionsResult Validate(string? name, ReconciliationOptions options)
    {
        var wrong = new List<string>();
        Check(wrong, "LeaseDuration", options.LeaseDuration, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        Check(wrong, "PollInterval", options.PollInterval, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1));
        Check(wrong, "ClaimDeadline", options.ClaimDeadline, TimeSpan.FromSeconds(1), TimeSpan.FromDays(30));
        if (options.DeletionAttempts is < 1 or > 10_000)
            wrong.Add("Reconciliation:DeletionAttempts 必须在 1 到 10000 之间。");
        if (options.Unfinished is not ("delete" or "finish"))
            wrong.Add($"Reconciliation:Unfinished 的值“{options.Unfinished}”无效，请填 delete（删除对象和记录）或 finish（补成完成的记录）。");
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    private static void Check(List<string> wrong, string key, TimeSpan value, TimeSpan shortest, TimeSpan longest)
    {
        if (value < shortest || value > longest)
            wrong.Add($"{ReconciliationOptions.Section}:{key} 必须在 {shortest:c} 到 {longest:c} 之间。");
    }
}
