namespace OssProxy.Core.Identity;

/// <summary>A mini-program of WeChat: <c>sns/jscode2session</c>, which tells errors with HTTP 200 and JSON as plain text. Busy is not the
/// end: it is asked again, three times in all.</summary>
internal sealed class WechatMiniapp(MiniappEntry entry, ProviderLine line, TimeProvider time) : IMiniappProvider
{
    /// <summary>As settings and clients call it.</summary>
    public const string Name = "wechat";

    private const int Busy = -1;
    private const int MostTries = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly string _address = ProviderLine.Address(entry.BaseUrl, "https://api.weixin.qq.com", "/sns/jscode2session");

    public string Provider => Name;

    public string AppId => entry.AppId;

    public Task<MiniappIdentity> RedeemAsync(Secret code, CancellationToken cancellationToken) =>
        line.TalkAsync(this, end => RedeemWithinAsync(code, end), cancellationToken);

    private async Task<MiniappIdentity> RedeemWithinAsync(Secret code, CancellationToken end)
    {
        for (var tries = 1; ; tries++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(
                $"{_address}?appid={Uri.EscapeDataString(AppId)}&secret={Uri.EscapeDataString(entry.Secret.Reveal())}"
                + $"&js_code={Uri.EscapeDataString(code.Reveal())}&grant_type=authorization_code"));
            var answer = await line.AskAsync(this, request, end);
            var error = answer.Number("errcode");
            if (error == 0)
                return answer.Identity(answer.Id("openid"), answer.Id("unionid"));
            if (error != Busy || tries == MostTries)
                throw answer.Failure(Meaning(error), $"errcode {error}");
            await Task.Delay(Pause * tries, time, end);
        }
    }

    private static IdentityError Meaning(long error) => error switch
    {
        Busy => IdentityError.ProviderBusy,
        40029 or 41008 => IdentityError.CodeInvalid,
        40163 => IdentityError.CodeUsed,
        45011 => IdentityError.ProviderThrottled,
        40226 => IdentityError.UserBlocked,
        40013 or 40125 or 41002 or 41004 => IdentityError.ProviderMisconfigured,
        _ => IdentityError.ProviderFailed,
    };
}
