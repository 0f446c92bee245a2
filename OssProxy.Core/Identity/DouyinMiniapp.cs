using System.Net.Http.Headers;
using System.Net.Mime;
using System.Text.Json;

namespace OssProxy.Core.Identity;

/// <summary>A mini-program of Douyin: <c>apps/v2/jscode2session</c>. Users who have not signed in to Douyin, known by an
/// <c>anonymous_code</c>, are not supported: they would be others after they sign in.</summary>
internal sealed class DouyinMiniapp(MiniappEntry entry, ProviderLine line) : IMiniappProvider
{
    /// <summary>As settings and clients call it.</summary>
    public const string Name = "douyin";

    private readonly Uri _address = new(ProviderLine.Address(entry.BaseUrl, "https://developer.toutiao.com", "/api/apps/v2/jscode2session"));

    public string Provider => Name;

    public string AppId => entry.AppId;

    public Task<MiniappIdentity> RedeemAsync(Secret code, CancellationToken cancellationToken) =>
        line.TalkAsync(this, end => RedeemWithinAsync(code, end), cancellationToken);

    private async Task<MiniappIdentity> RedeemWithinAsync(Secret code, CancellationToken end)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string>
        {
            ["appid"] = AppId,
            ["secret"] = entry.Secret.Reveal(),
            ["code"] = code.Reveal(),
        });
        using var request = new HttpRequestMessage(HttpMethod.Post, _address)
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(MediaTypeNames.Application.Json) } },
        };
        var answer = await line.AskAsync(this, request, end);
        var error = answer.Number("err_no");
        if (error != 0)
            throw answer.Failure(Meaning(error), $"err_no {error}");
        var data = answer.Member("data");
        return answer.Identity(data?.Id("openid"), data?.Id("unionid"));
    }

    // A code that was used before is told like one that never was.
    private static IdentityError Meaning(long error) => error switch
    {
        -1 => IdentityError.ProviderBusy,
        40018 => IdentityError.CodeInvalid,
        40015 or 40017 => IdentityError.ProviderMisconfigured,
        _ => IdentityError.ProviderFailed,
    };
}
