using Microsoft.Extensions.Options;

namespace OssProxy.Core.Storage;

/// <summary>Names every key that is wrong as the operator typed it, and says what to do.</summary>
public sealed class StorageOptionsValidator : IValidateOptions<StorageOptions>
{
    public ValidateOptionsResult Validate(string? name, StorageOptions options) =>
        options.Provider is "oss" or "local"
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"Storage:Provider 的值“{options.Provider}”无效，请填 oss 或 local。");
}
