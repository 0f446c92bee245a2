using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace OssProxy.Tests.Identity;

/// <summary><c>POST /api/apps/v2/jscode2session</c> with JSON.</summary>
internal sealed class DouyinImitation : ProviderImitation
{
    public const string SessionKey = "douyin-session-key";
    public const string App = "tt1";
    public const string Secret = "douyin-secret";

    protected override async Task<(string Text, string ContentType)> AnswerAsync(HttpRequest request)
    {
        Require(request.Method == "POST", request.Method);
        Require(request.Path == "/api/apps/v2/jscode2session" && request.QueryString.Value == "", request.Path + request.QueryString);
        Require(request.ContentType == "application/json", $"content type {request.ContentType}");
        using var body = await JsonDocument.ParseAsync(request.Body);
        var root = body.RootElement;
        RequireNames("body", root.EnumerateObject().Select(one => one.Name), "appid", "secret", "code");
        return (Answer(Text(root, "appid"), Text(root, "secret"), Text(root, "code")), "application/json; charset=utf-8");
    }

    private string Answer(string app, string secret, string code)
    {
        if (Errors.TryDequeue(out var error))
            return Failure(error, "some words about " + code);
        if (app != App)
            return Failure("40015", "bad appid");
        if (secret != Secret)
            return Failure("40017", "bad secret");
        if (Use(app, code) is not ({ } whose, false))
            return Failure("40018", "bad code");
        return $$"""
            {"err_no":0,"err_tips":"success","log_id":"20260105","data":{"session_key":"{{SessionKey}}","openid":"o-{{whose.Person}}",
            "anonymous_openid":"","unionid":"{{whose.Union}}","dopenid":""} }
            """;
    }

    private static string Failure(string number, string tips) =>
        $$"""{"err_no":{{number}},"err_tips":"{{tips}}","log_id":"20260105","data":{"session_key":"","openid":"","anonymous_openid":"","unionid":""} }""";

    private static string Text(JsonElement body, string name) => body.TryGetProperty(name, out var value) ? value.GetString()! : "";
}
