namespace OssProxy.Api.Hosting;

/// <summary>Tells browsers to make nothing of an answer but what it says it is. An answer with a policy of its own, a page or a stored file, keeps
/// it. HSTS is left to whoever ends HTTPS: it binds every port of a host name for a year, which is not for one program behind it to decide.</summary>
public sealed class SecurityHeaders(RequestDelegate next)
{
    private const string ReferrerPolicy = "Referrer-Policy";

    public Task InvokeAsync(HttpContext context)
    {
        // Set as the answer starts: handling an exception clears what was set before.
        context.Response.OnStarting(
            static state =>
            {
                var headers = ((HttpResponse)state).Headers;
                headers.XContentTypeOptions = "nosniff";
                if (!headers.ContainsKey(ReferrerPolicy))
                    headers[ReferrerPolicy] = "no-referrer";
                if (headers.ContentSecurityPolicy.Count == 0)
                {
                    headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
                    headers.XFrameOptions = "DENY";
                }

                return Task.CompletedTask;
            },
            context.Response);
        return next(context);
    }
}
