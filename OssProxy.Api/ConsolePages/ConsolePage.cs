using System.Text;
using OssProxy.Api.Access;
using OssProxy.Api.Library;
using OssProxy.Core.Identity;

namespace OssProxy.Api.ConsolePages;

/// <summary>The pages: a form to sign in, and who is signed in where. No script, no style in place, nothing from elsewhere.</summary>
internal static class ConsolePage
{
    // Only what the pages have; a piece of HTML that somebody has smuggled in runs nothing, loads nothing and sends nothing away.
    private const string Policy = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    /// <summary>For whoever is not signed in.</summary>
    /// <param name="problem">What is wrong; null for nothing.</param>
    public static HtmlText SignIn(string? problem) => Frame("登录", "", $"""
        <h1>登录 OssProxy 控制台</h1>
        {Problem(problem)}<form method="post" action="/console/session">
        <label>用户名<input name="username" autocomplete="username" required maxlength="{PlainName.Longest}" autofocus></label>
        <label>密码<input name="password" type="password" autocomplete="current-password" required maxlength="{AccountPassword.Longest}"></label>
        <label>设备名称（可不填，例如“办公室”）<input name="device" autocomplete="off" maxlength="{Sessions.LongestDevice}"></label>
        <button class="main">登录</button>
        </form>
        <p class="quiet">账号由管理员在服务器上用 accounts add 建立。</p>
        """);

    /// <summary>For whoever is.</summary>
    /// <param name="formToken">See <see cref="FormToken"/>.</param>
    public static HtmlText Account(Caller caller, IReadOnlyList<SessionInfo> sessions, string formToken, ConsoleClock clock) => Frame("控制台", "wide", $"""
        <div class="bar">
        <h1>{caller.Name}</h1>
        <form method="post" action="/console/logout"><input type="hidden" name="{FormToken.Field}" value="{formToken}"><button>退出登录</button></form>
        </div>
        <h2>登录会话</h2>
        <div class="scroll"><table>
        <tr><th>设备</th><th>登录时间</th><th>最近使用</th><th></th></tr>
        {sessions.Select(one => Row(one, one.Id == caller.Session?.Id, formToken, clock))}</table></div>
        <p class="quiet">结束会话后，那台设备最迟 2 秒内就不能再操作。不认识的会话请立即结束，并请管理员用 accounts passwd 改密码。</p>
        """);

    /// <summary>For whatever else went wrong.</summary>
    public static HtmlText Failure(string problem) => Frame("控制台", "", $"""
        <h1>没有完成</h1>
        {Problem(problem)}<p><a href="/console">返回控制台</a></p>
        """);

    /// <summary>Writes a page, which nobody keeps.</summary>
    public static Task WriteAsync(HttpResponse response, HtmlText page)
    {
        var bytes = Encoding.UTF8.GetBytes(page.ToString());
        var headers = response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XFrameOptions = "DENY";
        headers.CacheControl = "no-store";
        // With no-referrer, browsers would say of our own forms that they come from nowhere.
        headers["Referrer-Policy"] = "same-origin";
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = bytes.Length;
        return response.Body.WriteAsync(bytes, CancellationToken.None).AsTask();
    }

    private static HtmlText Row(SessionInfo session, bool isThis, string formToken, ConsoleClock clock) => $"""
        <tr><td>{(session.Device.Length > 0 ? session.Device : "未命名")}{(isThis ? "（本次）" : "")}</td>
        <td>{clock.Local(session.CreatedAt)}</td><td>{clock.Local(session.UsedAt)}</td>
        <td><form method="post" action="/console/sessions/{session.Id}/end"><input type="hidden" name="{FormToken.Field}" value="{formToken}">
        <button class="small">结束</button></form></td></tr>

        """;

    private static HtmlText Problem(string? text) => text is null ? Nothing() : $"""
        <p class="problem" role="alert">{text}</p>

        """;

    private static HtmlText Nothing() => $"";

    private static HtmlText Frame(string title, string width, HtmlText content) => $"""
        <!doctype html>
        <html lang="zh-CN">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{title} - OssProxy</title>
        <link rel="stylesheet" href="{StyleSheet.Address}">
        </head>
        <body>
        <main class="{width}">
        {content}
        </main>
        </body>
        </html>

        """;
}
