using Microsoft.AspNetCore.Http;

namespace OssProxy.Tests.Identity;

/// <summary><c>GET /sns/jscode2session</c>: JSON as plain text, errors with 200.</summary>
internal sealed class WechatImitation : ProviderImitation
{
    public const string SessionKey = "wechat-session-key";

    /// <summary>Its apps and their secrets.</summary>
    public static readonly Dictionary<string, string> Apps = new(StringComparer.Ordinal)
    {
        ["wx1"] = "wechat+secret/1",
        ["wx2"] = "wechat+secret/2",
    };

    protected override Task<(string Text, string ContentType)> AnswerAsync(HttpRequest request) =>
        Task.FromResult((Answer(request), "text/plain"));

    private string Answer(HttpRequest request)
    {
        var query = request.Query;
        Require(request.Method == "GET", request.Method);
        Require(request.Path == "/sns/jscode2session", request.Path);
        RequireNames("query", query.SelectMany(one => one.Value.Select(_ => one.Key)), "appid", "secret", "js_code", "grant_type");
        Require(query["grant_type"] == "authorization_code", "grant_type");
        Require(request.ContentLength is null or 0 && !request.Headers.ContainsKey("Cookie") && !request.Headers.ContainsKey("traceparent"), "more than was asked for");
        var (app, code) = (query["appid"].ToString(), query["js_code"].ToString());

        // The real one tells no code; one that did must not come into our log.
        if (Errors.TryDequeue(out var error))
            return $$"""{"errcode":{{error}},"errmsg":"some words about {{code}}, rid: 65f0"}""";
        if (!Apps.TryGetValue(app, out var secret))
            return """{"errcode":40013,"errmsg":"invalid appid, rid: 65f0"}""";
        if (query["secret"] != secret)
            return """{"errcode":40125,"errmsg":"invalid appsecret, rid: 65f0"}""";
        if (code.Length == 0)
            return """{"errcode":41008,"errmsg":"missing code, rid: 65f0"}""";
        return Use(app, code) switch
        {
            (null, _) => """{"errcode":40029,"errmsg":"invalid code, rid: 65f0"}""",
            (_, true) => """{"errcode":40163,"errmsg":"code been used, rid: 65f0"}""",
            ({ Union: null } whose, _) => $$"""{"session_key":"{{SessionKey}}","openid":"o-{{app}}-{{whose.Person}}"}""",
            ({ } whose, _) => $$"""{"session_key":"{{SessionKey}}","openid":"o-{{app}}-{{whose.Person}}","unionid":"{{whose.Union}}","errcode":0,"errmsg":"ok"}""",
        };
    }
}
