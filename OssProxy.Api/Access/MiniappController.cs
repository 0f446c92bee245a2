using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using OssProxy.Api.Envelope;
using OssProxy.Api.Grants;
using OssProxy.Api.Library;
using OssProxy.Core.Identity;

namespace OssProxy.Api.Access;

/// <summary>Where a mini-program exchanges the code of its platform for a session. There is no door: whoever comes has no token yet, and is
/// counted as one who tries to sign in.</summary>
/// <param name="signIn">Null where no records are kept.</param>
[ApiController]
[Says(nameof(ApiError.RecordsOff), "没有启用上传记录（Records:Provider=none），不能登录")]
public sealed class MiniappController(
    LibraryDesk desk, RateLimits rates, Miniapps miniapps, IOptions<AuthOptions> auth, SignInCredentials credentials,
    MiniappSignIn? signIn = null) : ControllerBase
{
    private const int LongestCode = 1024;
    private const int LongestName = 64;

    [HttpPost("/api/miniapp/session")]
    public Task<Reply> BeginAsync() => BeginAsync(fields => Fields.Required("provider", Name(fields, "provider")));

    // As the clients of the first server call it: they have one platform, and name their code as it does.
    [HttpPost("/createSession")]
    [HttpPost("/api/createSession")]
    [HttpPost("/api/miniapp/createSession")]
    public Task<Reply> CreateAsync() => BeginAsync(fields => Name(fields, "provider") ?? Guessed(fields));

    private async Task<Reply> BeginAsync(Func<Fields, string> provider)
    {
        if (signIn is null)
            throw new ApiException(ApiError.RecordsOff);

        if (!auth.Value.Sessions)
            throw new IdentityException(IdentityError.SignInOff, "Auth:Sessions is false.");

        var (address, left) = (CallerAddress.Of(HttpContext), HttpContext.RequestAborted);
        await rates.RequireAsync(address, left);
        await rates.RequireSignInAsync(address, left);
        var fields = await desk.FieldsAsync(HttpContext);
        var sent = new MiniappCode(
            provider(fields), Name(fields, "appId"), Code(fields), fields.Line("device", 0, Sessions.LongestDevice) ?? "", address);
        var (grant, user) = await signIn.RunAsync(sent, left);

        Response.Headers.CacheControl = "no-store";
        return Reply.Ok(SessionGrantView.Of(
            grant, new User(user.Id, user.Name), sts: await credentials.FindAsync(Caller.User(user.Id, user.Name), left)));
    }

    private string Guessed(Fields fields)
    {
        if (fields.Line("authCode", 0, LongestCode) is { Length: > 0 })
            return Miniapps.AuthCodeProvider;
        return miniapps.Providers.Where(one => one != Miniapps.AuthCodeProvider).ToList() switch
        {
            [] => throw new IdentityException(IdentityError.AppUnknown, "No app is configured of a provider whose codes are called code."),
            [var only] => only,
            _ => throw Fields.Invalid("provider 不能为空：配置了几个平台的小程序"),
        };
    }

    private static string? Name(Fields fields, string name) => fields.Line(name, 0, LongestName) is { Length: > 0 } text ? text : null;

    private static Secret Code(Fields fields)
    {
        var (code, authCode) = (fields.Line("code", 0, LongestCode), fields.Line("authCode", 0, LongestCode));
        if (!string.IsNullOrEmpty(code) && !string.IsNullOrEmpty(authCode) && code != authCode)
            throw Fields.Invalid("code 与 authCode 只能写一个");
        var text = string.IsNullOrEmpty(code) ? authCode : code;
        if (string.IsNullOrEmpty(text))
            throw Fields.Invalid("code 不能为空");
        return text.All(letter => letter is > ' ' and <= '~') ? new Secret(text) : throw Fields.Invalid("code 只能有可见的 ASCII 字符");
    }

    private new sealed record User(
        [property: JsonPropertyName("id")] long Id,
        [property: JsonPropertyName("name")] string Name);
}
