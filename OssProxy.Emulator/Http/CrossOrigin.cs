using OssProxy.Emulator.Errors;

namespace OssProxy.Emulator.Http;

/// <summary>The one CORS rule that every bucket has here: the configured origins, every method and header of object requests.</summary>
internal sealed class CrossOrigin(IEnumerable<string> origins)
{
    private const string Methods = "GET, PUT, POST, DELETE, HEAD";
    private const string Exposed = "ETag, Content-MD5, x-oss-request-id, x-oss-hash-crc64ecma, x-oss-next-append-position, x-oss-version-id, x-oss-server-time, x-oss-ec";
    private readonly HashSet<string> _origins = new(origins, StringComparer.OrdinalIgnoreCase);

    /// <summary>The unsigned question of a browser before it sends the real request.</summary>
    public OssReply Preflight(IHeaderDictionary headers)
    {
        var method = headers.AccessControlRequestMethod.ToString();
        if (headers.Origin.Count == 0 || method.Length == 0)
            throw OssErrors.BadRequest("Insufficient information. Origin request header needed and Access-Control-Request-Method is needed.");

        if (!Allows(headers) || !Methods.Split(", ").Contains(method, StringComparer.Ordinal))
            throw OssErrors.AccessForbidden();

        var reply = new OssReply(200);
        Permit(headers, reply.Headers);
        reply.Headers.AccessControlAllowMethods = Methods;
        reply.Headers.AccessControlAllowHeaders = headers.AccessControlRequestHeaders.Count > 0 ? headers.AccessControlRequestHeaders : "*";
        reply.Headers.AccessControlMaxAge = "600";
        return reply;
    }

    /// <summary>A real request is never refused for its origin; the browser only is not told that it may look.</summary>
    public void Permit(IHeaderDictionary request, IHeaderDictionary reply)
    {
        if (request.Origin.Count > 0 && Allows(request))
        {
            var any = _origins.Contains("*");
            reply.AccessControlAllowOrigin = any ? "*" : request.Origin.ToString();
            reply.AccessControlExposeHeaders = Exposed;
            if (!any)
                reply.Vary = "Origin";
        }
    }

    private bool Allows(IHeaderDictionary headers) => _origins.Contains("*") || _origins.Contains(headers.Origin.ToString());
}
