using Microsoft.Net.Http.Headers;
using OssProxy.Core.Identity;

namespace OssProxy.Api.Access;

/// <summary>
/// Refuses what another site has a browser do with our cookie. Browsers say where a request that changes something comes from, in
/// <c>Origin</c>, or at least how near that is, in <c>Sec-Fetch-Site</c>; one that says neither is older than the cookie's SameSite, too, and is
/// refused. Nothing of the body is needed for it, so it also guards uploads.
/// </summary>
internal static class OwnOrigin
{
    /// <exception cref="IdentityException"><see cref="IdentityError.OriginRefused"/>.</exception>
    public static void Require(HttpContext context)
    {
        var request = context.Request;
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
            return;

        var origin = request.Headers[HeaderNames.Origin].ToString();
        var isOwn = origin.Length > 0
            ? string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)
            : request.Headers["Sec-Fetch-Site"] == "same-origin";
        if (!isOwn)
            throw new IdentityException(IdentityError.OriginRefused, "A cookie came with a request that another origin has caused.");
    }
}
