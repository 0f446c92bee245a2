using OssProxy.Core.Sts;

namespace OssProxy.Api.Hosting;

/// <summary>
/// Function Compute puts the credentials of the function's role into every request. They are taken out of it here, before anything else sees
/// the request, whatever the settings: nothing can log, repeat or pass on what is not there. They are used only with
/// <c>Oss:Credentials=function</c>, because elsewhere anybody could send them (docs/oss-assumptions.md A17).
/// </summary>
public sealed class FunctionHeaders(RequestDelegate next, OwnCredentials? credentials = null)
{
    private static readonly string[] Names = ["x-fc-access-key-id", "x-fc-access-key-secret", "x-fc-security-token"];

    private readonly FunctionCredentials? _function = credentials?.Function;

    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        var (id, secret, token) = (Take(headers, Names[0]), Take(headers, Names[1]), Take(headers, Names[2]));
        if (id is not null)
            _function?.Offer(id, secret, token);
        return next(context);
    }

    // A header that comes twice is not the platform's.
    private static string? Take(IHeaderDictionary headers, string name) =>
        headers.Remove(name, out var values) && values.Count == 1 ? values[0] : null;
}
