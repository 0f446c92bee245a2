using Microsoft.Extensions.Options;

namespace OssProxy.Api.Access;

/// <summary>Refuses keys that can be guessed.</summary>
public sealed class AuthOptionsValidator : IValidateOptions<AuthOptions>
{
    private const int ShortestKey = 12;

    public ValidateOptionsResult Validate(string? name, AuthOptions options) =>
        options.AdminKey.Length is 0 or >= ShortestKey
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"Auth:AdminKey 至少要 {ShortestKey} 个字符，可用 openssl rand -hex 24 生成；留空则关闭管理接口。");
}
