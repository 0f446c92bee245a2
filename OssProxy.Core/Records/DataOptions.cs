using Microsoft.Extensions.Options;

namespace OssProxy.Core.Records;

/// <summary>Where this node keeps what is its own: the embedded database, its identity, local objects, spool files.
/// Section <c>Data</c>.</summary>
public sealed class DataOptions
{
    public const string Section = "Data";

    /// <summary>The data folder, absolute or relative to the working directory. One process at a time; it must outlive restarts.</summary>
    public string Folder { get; set; } = "data";
}

/// <summary>Refuses a data folder that cannot be one.</summary>
public sealed class DataOptionsValidator : IValidateOptions<DataOptions>
{
    public ValidateOptionsResult Validate(string? name, DataOptions options) =>
        string.IsNullOrWhiteSpace(options.Folder) || options.Folder.Contains('\0', StringComparison.Ordinal)
            ? ValidateOptionsResult.Fail($"{DataOptions.Section}:Folder 不能为空：请填写一个本进程可写、重启后仍在的目录，例如 data。")
            : ValidateOptionsResult.Success;
}
