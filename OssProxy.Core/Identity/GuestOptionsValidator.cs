using Microsoft.Extensions.Options;

namespace OssProxy.Core.Identity;

/// <summary>Refuses limits that are none.</summary>
public sealed class GuestOptionsValidator : IValidateOptions<GuestOptions>
{
    public ValidateOptionsResult Validate(string? name, GuestOptions options)
    {
        var faults = new[]
        {
            (Key: nameof(options.MaxFileBytes), options.MaxFileBytes),
            (Key: nameof(options.FilesPerDay), options.FilesPerDay),
            (Key: nameof(options.BytesPerDay), options.BytesPerDay),
        }.Where(limit => limit.Item2 < 0).Select(limit => $"{GuestOptions.Section}:{limit.Key} 不能小于 0；0 表示不另设限制。").ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
