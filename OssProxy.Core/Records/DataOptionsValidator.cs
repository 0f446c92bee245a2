using Microsoft.Extensions.Options;

namespace OssProxy.Core.Records;

/// <summary>Refuses a data folder that cannot be one.</summary>
public sealed class DataOptionsValidator : IValidateOptions<DataOptions>
{
    public ValidateOptionsResult Validate(string? name, DataOptions options) =>
        string.IsNullOrWhiteSpace(options.Folder) || options.Folder.Contains('\0', StringComparison.Ordinal)
            ? ValidateOptionsResult.Fail($"{DataOptions.Section}:Folder 不能为空：请填写一个本进程可写、重启后仍在的目录，例如 data。")
            : ValidateOptionsResult.Success;
}
