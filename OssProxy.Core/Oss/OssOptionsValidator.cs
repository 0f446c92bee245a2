using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace OssProxy.Core.Oss;

/// <summary>Refuses a configuration that could not work, before the first request does: every message names the key as it is typed and says
/// what to do.</summary>
public sealed partial class OssOptionsValidator : IValidateOptions<OssOptions>
{
    public ValidateOptionsResult Validate(string? name, OssOptions options)
    {
        var faults = Check(options).ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    /// <summary>What is wrong, one message per fault; nothing when all is well.</summary>
    public static IEnumerable<string> Check(OssOptions options)
    {
        if (options.Bucket.Length == 0)
            yield return "Oss:Bucket 未填写；请填写存放文件的 Bucket 名称";
        else if (!IsBucketName(options.Bucket))
            yield return "Oss:Bucket 不是有效的 Bucket 名称；应为 3–63 个小写字母、数字或短横线，且首尾不能是短横线";

        if (!Enum.IsDefined(options.Signature))
            yield return "Oss:Signature 只能是 v4 或 v1";
        if (!Enum.IsDefined(options.Addressing))
            yield return "Oss:Addressing 只能是 auto、virtual、path 或 cname";

        foreach (var fault in CheckKey(options).Concat(CheckRole(options)).Concat(CheckEndpoint(options)).Concat(CheckTimes(options)))
            yield return fault;
    }

    /// <summary>Whether a text can be the name of a RAM role.</summary>
    internal static bool IsRoleName(string text) =>
        text.Length is > 0 and <= 64 && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_');

    /// <summary>Whether a text can be the name of a bucket.</summary>
    internal static bool IsBucketName(string text) => BucketName().IsMatch(text);

    private static IEnumerable<string> CheckKey(OssOptions options)
    {
        var needed = options.Credentials is OssCredentialsKind.Key or OssCredentialsKind.Role;
        if (needed && options.AccessKeyId.Length == 0)
            yield return "Oss:AccessKeyId 未填写；请填写 RAM 用户的 AccessKey ID";
        if (needed && options.AccessKeySecret.Length == 0)
            yield return "Oss:AccessKeySecret 未填写；请填写 RAM 用户的 AccessKey Secret";
        if (options.AccessKeyId.StartsWith("STS.", StringComparison.Ordinal) && options.SecurityToken.Length == 0)
            yield return "Oss:SecurityToken 未填写；以 STS. 开头的 AccessKey ID 是临时凭证，必须同时填写安全令牌";

        // Header values go out as ASCII; a stray character from copying would otherwise fail every request without naming its cause.
        foreach (var (key, value) in new[]
        {
            ("AccessKeyId", options.AccessKeyId),
            ("AccessKeySecret", options.AccessKeySecret),
            ("SecurityToken", options.SecurityToken),
        })
        {
            if (value.Any(c => c is <= ' ' or > '~'))
                yield return $"Oss:{key} 含有空白或非 ASCII 字符；请重新复制";
        }
    }

    private static IEnumerable<string> CheckRole(OssOptions options)
    {
        if (!Enum.IsDefined(options.Credentials))
            yield return "Oss:Credentials 只能是 key、role、ecs 或 function";
        if (options.RoleName.Length > 0 && !IsRoleName(options.RoleName))
            yield return "Oss:RoleName 不是有效的角色名称；应为 1–64 个字母、数字、点、短横线或下划线，不是 ARN";
        if (!Uri.TryCreate(options.MetadataUrl, UriKind.Absolute, out var metadata) || metadata.Scheme is not ("http" or "https")
            || metadata.UserInfo.Length > 0 || metadata.PathAndQuery != "/" || metadata.Fragment.Length > 0)
        {
            yield return "Oss:MetadataUrl 不是有效的地址；应形如 http://100.100.100.200，不带路径与参数，通常不需要修改";
        }
    }

    private static IEnumerable<string> CheckEndpoint(OssOptions options)
    {
        if (options.PublicBaseUrl.Length > 0
            && (!Uri.TryCreate(options.PublicBaseUrl, UriKind.Absolute, out var link) || link.Scheme is not ("http" or "https")
                || link.Query.Length > 0 || link.Fragment.Length > 0))
        {
            yield return "Oss:PublicBaseUrl 不是有效的网址；应形如 https://img.example.com，不带参数";
        }

        if (options.Endpoint.Length == 0)
        {
            yield return "Oss:Endpoint 未填写；请填写 Bucket 所在地域的域名，例如 oss-cn-hangzhou.aliyuncs.com";
            yield break;
        }

        if (!OssEndpoint.TryParse(options.Endpoint, options.Bucket, options.Addressing, out var endpoint, out var fault))
        {
            yield return $"Oss:Endpoint {fault}";
            yield break;
        }

        if (endpoint.Style == OssAddressing.Path && endpoint.IsService)
            yield return "Oss:Addressing 不能为 path：阿里云域名会以 SecondLevelDomainForbidden 拒绝，请改为 auto 或 virtual";

        var region = OssEndpoint.NormalizeRegion(options.Region);
        if (region.Length > 0 && !RegionId().IsMatch(region))
            yield return "Oss:Region 不是有效的地域 ID；应形如 cn-hangzhou";
        else if (region.Length > 0 && endpoint.Region is { } told && told != region)
            yield return $"Oss:Region（{region}）与 Oss:Endpoint 的地域（{told}）不一致；请改成同一地域，或删去 Oss:Region";
        else if (region.Length == 0 && endpoint.Region is null && options.Signature == OssSignature.V4)
            yield return "Oss:Region 未填写；从 Oss:Endpoint 看不出地域（传输加速、自定义域名或 IP），V4 签名必须填写，例如 cn-hangzhou";
    }

    private static IEnumerable<string> CheckTimes(OssOptions options)
    {
        if (options.ConnectTimeout <= TimeSpan.Zero || options.ConnectTimeout > OssOptions.MaxConnectTimeout)
            yield return "Oss:ConnectTimeout 应大于 0 且不超过 1 分钟，例如 00:00:05";
        if (options.IdleTimeout < TimeSpan.FromSeconds(1) || options.IdleTimeout > OssOptions.MaxIdleTimeout)
            yield return "Oss:IdleTimeout 应在 1 秒到 10 分钟之间，例如 00:00:20";
        if (options.CompleteTimeout < options.IdleTimeout || options.CompleteTimeout > OssOptions.MaxIdleTimeout)
            yield return "Oss:CompleteTimeout 应不小于 Oss:IdleTimeout 且不超过 10 分钟，例如 00:02:00";
        if (options.Attempts is < 1 or > OssOptions.MaxAttempts)
            yield return "Oss:Attempts 应在 1 到 10 之间";
    }

    // Buckets of the early years may hold an underscore.
    [GeneratedRegex(@"^[a-z0-9][a-z0-9_-]{1,61}[a-z0-9]\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex BucketName();

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RegionId();
}
