using Microsoft.Extensions.Options;
using OssProxy.Core.Uploads;

namespace OssProxy.Core.Grants;

/// <summary>Names every key that is wrong as the operator typed it, and says what to do.</summary>
public sealed class GrantOptionsValidator : IValidateOptions<GrantOptions>
{
    /// <summary>The fewest characters of a configured secret.</summary>
    public const int ShortestSecret = 32;

    public ValidateOptionsResult Validate(string? name, GrantOptions options)
    {
        var wrong = new List<string>();
        if (!UploadFolder.TryParsePrefix(options.Prefix, out _))
            wrong.Add("Grants:Prefix 只能由字母、数字、汉字、点、减号、下划线组成，可用 / 分层，例如 uploads。");
        Check(wrong, "Grants:Lifetime", options.Lifetime, GrantOptions.LongestLife);
        Check(wrong, "Grants:LateWindow", options.LateWindow, TimeSpan.FromDays(1));
        if (options.Unconfirmed is not ("adopt" or "remove"))
            wrong.Add($"Grants:Unconfirmed 的值“{options.Unconfirmed}”无效，请填 adopt（补登记）或 remove（清除）。");
        if (options.Via is not ("auto" or "direct" or "gateway"))
            wrong.Add($"Grants:Via 的值“{options.Via}”无效，请填 auto、direct（直传 OSS）或 gateway（经本服务）。");
        CheckAddress(wrong, "Grants:Host", options.Host);
        CheckAddress(wrong, "Grants:GatewayUrl", options.GatewayUrl);
        CheckAddress(wrong, "Grants:CallbackUrl", options.CallbackUrl);
        if (CallbackKeyHost.ParseList(options.CallbackKeyHosts) is null)
            wrong.Add("Grants:CallbackKeyHosts 应是用逗号分隔的域名或 http(s)://域名:端口，例如 gosspublic.alicdn.com。");
        if (options.Secret.Length is > 0 and < ShortestSecret)
            wrong.Add($"Grants:Secret 至少要有 {ShortestSecret} 个字符，请用随机生成的文字，或留空。");
        if (options.MaxOpen is < 1 or > 100_000)
            wrong.Add("Grants:MaxOpen 必须在 1 到 100000 之间。");
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    private static void Check(List<string> wrong, string key, TimeSpan value, TimeSpan longest)
    {
        if (value < TimeSpan.FromSeconds(1) || value > longest)
            wrong.Add($"{key} 必须在 00:00:01 到 {longest:c} 之间。");
    }

    private static void CheckAddress(List<string> wrong, string key, string address)
    {
        if (address.Length > 0 && !(Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            && uri.UserInfo.Length == 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0))
            wrong.Add($"{key} 必须是 http:// 或 https:// 开头的地址，不带参数。");
    }
}
