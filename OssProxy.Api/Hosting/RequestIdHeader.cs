namespace OssProxy.Api.Hosting;

/// <summary>Tells every client the id under which the log knows its request.</summary>
public sealed class RequestIdHeader(RequestDelegate next)
{
    public const string Name = "X-Request-Id";

    public Task InvokeAsync(HttpContext context)
    {
        // Set as the answer starts: handling an exception clears what was set before.
        context.Response.OnStarting(
            static state =>
            {
                var context = (HttpContext)state;
                context.Response.Headers[Name] = context.TraceIdentifier;
                return Task.CompletedTask;
            },
            context);
        return next(context);
    }
}
