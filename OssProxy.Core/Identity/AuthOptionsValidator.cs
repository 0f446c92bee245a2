using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace OssProxy.Core.Identity;

/// <summary>Refuses keys that can be guessed, and times that protect nobody.</summary>
public sealed class AuthOptionsValidator(IHostEnvironment environment) : IValidateOptions<AuthOptions>
{
    // What the documents have in its place: everybody knows it.
    internal const string SampleKey = "a-long-random-text";

    private const int ShortestKey = 12;
    private const int MostFailures = 1000;

    public ValidateOptionsResult Validate(string? name, AuthOptions options)
    {
        var faults = Faults(options).ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private IEnumerable<string> Faults(AuthOptions options)
    {
        if (options.AdminKey.Length is > 0 and < ShortestKey)
            yield return $"Auth:AdminKey 至少要 {ShortestKey} 个字符，可用 openssl rand -hex 24 生成；留空则没有这样的密钥。";
        if (options.AdminKey.Reveal() is var key && (key.StartsWith(TokenShape.Session, StringComparison.Ordinal) || key.StartsWith(TokenShape.ApiKey, StringComparison.Ordinal)))
            yield return $"Auth:AdminKey 不能以 {TokenShape.Session} 或 {TokenShape.ApiKey} 开头：那是会话和 API 密钥的开头。";
        if (options.AdminKey.Reveal().Any(letter => letter is <= ' ' or > '~'))
            yield return "Auth:AdminKey 只能用可见的 ASCII 字符，不能有空格：请求头里放不下别的。";
        if (options.AdminKey.Reveal() == SampleKey && !environment.IsDevelopment())
            yield return "Auth:AdminKey 是文档里的例子，谁都知道；请用 openssl rand -hex 24 生成一个。";
        if (options.SessionLifetime < TimeSpan.FromMinutes(1) || options.SessionLifetime > TimeSpan.FromDays(365))
            yield return "Auth:SessionLifetime 必须在 00:01:00 到 365.00:00:00 之间。";
        if (options.LockoutFailures is < 1 or > MostFailures)
            yield return $"Auth:LockoutFailures 必须在 1 到 {MostFailures} 之间。";
        if (options.LockoutDuration < TimeSpan.FromSeconds(1) || options.LockoutDuration > TimeSpan.FromDays(1))
            yield return "Auth:LockoutDuration 必须在 00:00:01 到 1.00:00:00 之间。";
        if (options.AuditRetention < TimeSpan.FromDays(1) || options.AuditRetention > TimeSpan.FromDays(3650))
            yield return "Auth:AuditRetention 必须在 1.00:00:00 到 3650.00:00:00 之间。";
    }
}
