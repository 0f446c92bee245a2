using Microsoft.Net.Http.Headers;
using OssProxy.Core.Identity;

namespace OssProxy.Api.Access;

/// <summary>
/// Refuses what another site has a browser do with our cookie. A browser tells how near to us a request was caused, in <c>Sec-Fetch-Site</c>,
/// and what it says there holds behind any proxy; over plain HTTP it tells only from where, in <c>Origin</c>. One that tells neither is older
/// than the cookie's SameSite, too, and is refused. Nothing of the body is needed for it, so it also guards uploads. Origins that
/// <c>Server:CorsOrigins</c> names are others as well: they bring tokens, not the cookie.
/// </summary>
internal static class OwnOrigin
{
    /// <summary>Lets pass what changes nothing, and what a page of ours has caused.</summary>
    /// <exception cref="IdentityException"><see cref="IdentityError.OriginRefused"/>.</exception>
    public static void Require(HttpContext context)
    {
        var request = context.Request;
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
            return;

        var near = request.Headers["Sec-Fetch-Site"].ToString();
        if (!(near.Length > 0 ? near == "same-origin" : IsOwn(request, request.Headers[HeaderNames.Origin].ToString())))
            throw new IdentityException(IdentityError.OriginRefused, "A cookie came with a request that another origin has caused.");
    }

    // As a browser tells origins apart: a port that is the scheme's own may be named or not. "null" is nobody's, and no address either.
    private static bool IsOwn(HttpRequest request, string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var theirs) && Uri.TryCreate($"{request.Scheme}://{request.Host}", UriKind.Absolute, out var ours)
        && Uri.Compare(theirs, ours, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0
        && theirs.UserInfo.Length == 0;
}
