using OssProxy.Api.Access;
using OssProxy.Core.Identity;

namespace OssProxy.Api.ConsolePages;

/// <summary>The cookie that the pages' session lives in: no script sees it, no other site's request brings it, and it goes when the browser is
/// closed, if the session has not ended before.</summary>
internal static class SessionCookie
{
    public static void Set(HttpContext context, Secret token) =>
        context.Response.Cookies.Append(RequestToken.CookieOf(context.Request), token.Reveal(), Options(context));

    public static void Remove(HttpContext context) => context.Response.Cookies.Delete(RequestToken.CookieOf(context.Request), Options(context));

    // Over plain HTTP a browser would not take it with Secure. Whether a proxy ends HTTPS is known where Server:TrustedProxies names it.
    private static CookieOptions Options(HttpContext context) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Path = "/",
        Secure = context.Request.IsHttps,
        IsEssential = true,
    };
}
