using Microsoft.Net.Http.Headers;
using OssProxy.Core.Identity;

namespace OssProxy.Api.Access;

/// <summary>Where a request carries its token.</summary>
internal enum TokenPlace
{
    None,

    /// <summary>The header <c>token</c>, or <c>Authorization: Bearer</c>.</summary>
    Header,

    /// <summary>The query's <c>token</c>, where nothing is changed.</summary>
    Query,

    /// <summary>The console's cookie, which a browser sends along with requests that other sites have caused.</summary>
    Cookie,
}

/// <summary>Finds a request's token, once. A form's field <c>token</c> is accepted and counts for nothing: it comes with the body, and the
/// body is not read before it is known who sends it.</summary>
internal static class RequestToken
{
    private const string Cookie = "ossproxy_session";

    private const string Name = "token";
    private const string Scheme = "Bearer ";

    public static (Secret Token, TokenPlace Place) Of(HttpRequest request)
    {
        if (Given(request.Headers[Name]) is { } header)
            return (header, TokenPlace.Header);
        if (request.Headers[HeaderNames.Authorization].ToString() is var authorization
            && authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && Given(authorization[Scheme.Length..]) is { } bearer)
            return (bearer, TokenPlace.Header);

        // In addresses, tokens come into logs and histories; where something is changed, nobody needs it.
        if (HttpMethods.IsGet(request.Method) && Given(request.Query[Name]) is { } query)
            return (query, TokenPlace.Query);
        return OfCookie(request) is { IsEmpty: false } cookie ? (cookie, TokenPlace.Cookie) : (default, TokenPlace.None);
    }

    /// <summary>What the console's cookie holds; empty for nothing.</summary>
    public static Secret OfCookie(HttpRequest request) => Given(request.Cookies[CookieOf(request)]) ?? default;

    /// <summary>The name of the console's cookie. Over HTTPS it has the prefix with which browsers take a cookie from its own host alone: one
    /// that a neighbour under the same domain has planted is not looked at.</summary>
    public static string CookieOf(HttpRequest request) => request.IsHttps ? "__Host-" + Cookie : Cookie;

    // Scripts that have no token send what their language calls nothing.
    private static Secret? Given(string? text) =>
        text?.Trim() is { Length: > 0 } token and not "null" and not "undefined" ? new Secret(token) : null;
}
