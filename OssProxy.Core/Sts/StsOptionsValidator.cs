using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using OssProxy.Core.Oss;

namespace OssProxy.Core.Sts;

/// <summary>Refuses what STS would refuse, by the key as it is typed. Looks at OSS's settings as they stand, right or wrong: those have a
/// validator of their own.</summary>
public sealed partial class StsOptionsValidator(IEnumerable<IConfigureOptions<OssOptions>> oss) : IValidateOptions<StsOptions>
{
    private readonly List<IConfigureOptions<OssOptions>> _oss = [.. oss];

    public ValidateOptionsResult Validate(string? name, StsOptions options)
    {
        OssOptions? store = null;
        if (_oss.Count > 0)
        {
            store = new OssOptions();
            _oss.ForEach(setup => setup.Configure(store));
        }

        var faults = Check(options, store).ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    /// <summary>What is wrong, one message per fault; nothing when all is well.</summary>
    /// <param name="oss">The settings of OSS; null where it is not used.</param>
    public static IEnumerable<string> Check(StsOptions options, OssOptions? oss)
    {
        if (options.RoleArn.Length > 0 && !RoleArn().IsMatch(options.RoleArn))
            yield return "Sts:RoleArn 不是有效的角色 ARN；应形如 acs:ram::1234567890123456:role/uploader";
        if (options.RoleArn.Length == 0 && oss?.Credentials == OssCredentialsKind.Role)
            yield return "Sts:RoleArn 未填写；Oss:Credentials 为 role 时，请填写要扮演的角色的 ARN";
        if (options.Endpoint.Length > 0 && !IsAddress(options.Endpoint))
            yield return "Sts:Endpoint 不是有效的地址；应形如 https://sts.cn-hangzhou.aliyuncs.com，不带用户名与参数";
        else if (options.IsConfigured && oss is not null && AddressOf(options, RegionOf(oss)) is null)
            yield return "Sts:Endpoint 未填写；从 Oss:Endpoint 与 Oss:Region 看不出地域，请填写 STS 的地址，例如 https://sts.cn-hangzhou.aliyuncs.com";
        if (options.ExternalId.Length > 0 && !ExternalId().IsMatch(options.ExternalId))
            yield return "Sts:ExternalId 应为 2–1224 个字母、数字或 = , . @ : / - _";
        if (!SessionName().IsMatch(options.SessionName))
            yield return "Sts:SessionName 应为 2–64 个字母、数字或 . @ - _";
        if (!Enum.IsDefined(options.Signature))
            yield return "Sts:Signature 只能是 acs3 或 rpc";
        if (options.Duration < StsOptions.MinDuration || options.Duration > StsOptions.MaxDuration)
            yield return "Sts:Duration 应在 15 分钟到 12 小时之间，例如 00:15:00；也不能超过角色的最大会话时间";
        if (options.Timeout < TimeSpan.FromSeconds(1) || options.Timeout > TimeSpan.FromMinutes(1))
            yield return "Sts:Timeout 应在 1 秒到 1 分钟之间，例如 00:00:05";
        foreach (var fault in CheckKey(options))
            yield return fault;
    }

    /// <summary>Where STS is; null when neither setting tells.</summary>
    internal static Uri? AddressOf(StsOptions options, string region)
    {
        var text = options.Endpoint.Length > 0 ? options.Endpoint
            : region.Length > 0 ? $"https://sts.{region}.aliyuncs.com"
            : "";
        return Uri.TryCreate(text, UriKind.Absolute, out var address) ? address : null;
    }

    /// <summary>The region of OSS; empty when it is not to be told.</summary>
    internal static string RegionOf(OssOptions oss) =>
        OssEndpoint.TryParse(oss.Endpoint, oss.Bucket, oss.Addressing, out var endpoint, out _) && endpoint.Region is { } region
            ? region
            : OssEndpoint.NormalizeRegion(oss.Region);

    private static IEnumerable<string> CheckKey(StsOptions options)
    {
        if (options.AccessKeyId.Length > 0 && options.AccessKeySecret.Length == 0)
            yield return "Sts:AccessKeySecret 未填写；填写了 Sts:AccessKeyId 时必须同时填写";
        if (options.AccessKeySecret.Length > 0 && options.AccessKeyId.Length == 0)
            yield return "Sts:AccessKeyId 未填写；填写了 Sts:AccessKeySecret 时必须同时填写";
        foreach (var (key, value) in new[] { ("AccessKeyId", options.AccessKeyId), ("AccessKeySecret", options.AccessKeySecret) })
        {
            if (value.Any(letter => letter is <= ' ' or > '~'))
                yield return $"Sts:{key} 含有空白或非 ASCII 字符；请重新复制";
        }
    }

    private static bool IsAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
        && uri.UserInfo.Length == 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0;

    [GeneratedRegex(@"^acs:ram::[0-9]{1,32}:role/[A-Za-z0-9._-]{1,64}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex RoleArn();

    [GeneratedRegex(@"^[A-Za-z0-9.@_-]{2,64}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex SessionName();

    [GeneratedRegex(@"^[A-Za-z0-9=,.@:/_-]{2,1224}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex ExternalId();
}
