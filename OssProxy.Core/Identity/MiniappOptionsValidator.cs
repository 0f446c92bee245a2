using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace OssProxy.Core.Identity;

/// <summary>Refuses mini-programs that nobody could sign in to. No message repeats a secret.</summary>
public sealed class MiniappOptionsValidator : IValidateOptions<MiniappOptions>
{
    private const int LongestAppId = 64;

    public ValidateOptionsResult Validate(string? name, MiniappOptions options)
    {
        var faults = Faults(options).ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> Faults(MiniappOptions options)
    {
        if (options.Timeout < TimeSpan.FromSeconds(1) || options.Timeout > TimeSpan.FromMinutes(1))
            yield return "Miniapps:Timeout 必须在 00:00:01 到 00:01:00 之间。";

        var seen = new HashSet<(string, string)>();
        foreach (var (index, entry) in options.Apps.Index())
        {
            var key = $"Miniapps:Apps:{index}";
            foreach (var fault in Faults(key, entry))
                yield return fault;
            if (!seen.Add((entry.Provider, entry.AppId)))
                yield return $"{key} 与前面的一项重复：同一个 Provider 的同一个 AppId 只能写一次。";
        }
    }

    private static IEnumerable<string> Faults(string key, MiniappEntry entry)
    {
        if (entry.AppId.Length is 0 or > LongestAppId || !IsVisible(entry.AppId))
            yield return $"{key}:AppId 必须是 1 到 {LongestAppId} 个可见的 ASCII 字符；请填写小程序在平台上的 AppId。";
        if (entry.BaseUrl.Length > 0 && !IsAddress(entry.BaseUrl))
            yield return $"{key}:BaseUrl 必须是 http 或 https 的完整地址，不带用户名、参数和锚点；直接访问平台时请留空。";

        var faults = entry.Provider switch
        {
            WechatMiniapp.Name or DouyinMiniapp.Name => SecretFaults(key, entry),
            AlipayMiniapp.Name => KeyFaults(key, entry),
            _ => [$"{key}:Provider 只能是 wechat、alipay 或 douyin。"],
        };
        foreach (var fault in faults)
            yield return fault;
    }

    private static IEnumerable<string> SecretFaults(string key, MiniappEntry entry)
    {
        if (entry.Secret.IsEmpty || !IsVisible(entry.Secret.Reveal()))
            yield return $"{key}:Secret 必须填写，并且只能有可见的 ASCII 字符；请填写小程序的 AppSecret。";
    }

    private static IEnumerable<string> KeyFaults(string key, MiniappEntry entry)
    {
        var (own, alipays) = (RsaKey.Private(entry.PrivateKey), RsaKey.Public(entry.PublicKey));
        if (Weakness(own) is { } weak)
            yield return $"{key}:PrivateKey {weak}；请填写应用私钥（PKCS#8 或 PKCS#1，PEM 或其中的 Base64，不加密）。";
        if (Weakness(alipays) is { } weakPublic)
            yield return $"{key}:PublicKey {weakPublic}；请填写支付宝公钥（PEM 或其中的 Base64）。";
        if (own is { } one && alipays is { } other && one.Modulus.AsSpan().SequenceEqual(other.Modulus))
            yield return $"{key}:PublicKey 是应用自己的公钥；请填写开放平台上显示的支付宝公钥。";
    }

    private static string? Weakness(RSAParameters? key) => key switch
    {
        null => "不是能读懂的 RSA 密钥",
        { } known when RsaKey.Bits(known) < RsaKey.FewestBits => $"短于 {RsaKey.FewestBits} 位",
        _ => null,
    };

    private static bool IsVisible(string text) => text.All(letter => letter is > ' ' and <= '~');

    private static bool IsAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
        && uri.UserInfo.Length == 0 && !text.Contains('?', StringComparison.Ordinal) && !text.Contains('#', StringComparison.Ordinal);
}
