using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Mvc.Controllers;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Identity;

/// <summary>For whom a route is.</summary>
internal enum RouteFamily
{
    /// <summary>Anybody, without a question.</summary>
    Open,

    /// <summary>Whoever begins to be somebody: no token is looked at.</summary>
    SignIn,

    /// <summary>A browser's page, which answers as a page and has specs of its own.</summary>
    Page,

    /// <summary>Proved by a signature in what is sent, not by a token; has specs of its own.</summary>
    Signed,

    /// <summary>The chat clients' uploads.</summary>
    Chat,

    /// <summary>What lets clients go to the store by themselves, and what is published: for whom the chat is.</summary>
    Grant,

    /// <summary>The consoles under <c>/admin</c>.</summary>
    Console,

    /// <summary>The console of the shop.</summary>
    Shop,

    /// <summary>What is a caller's own, not for guests.</summary>
    Mine,

    /// <summary>What is a caller's own, for guests with a token as well.</summary>
    Known,
}

/// <summary>A route as a client asks for it.</summary>
internal sealed record Knock(string Method, string Path, RouteFamily Family)
{
    // What is not listed is told by its path, and has a door: a route that somebody adds is closed or stands here.
    private static readonly Dictionary<string, RouteFamily> Listed = new(StringComparer.Ordinal)
    {
        ["GET /healthz"] = RouteFamily.Open,
        ["GET /readyz"] = RouteFamily.Open,
        ["HEAD /healthz"] = RouteFamily.Open,
        ["HEAD /readyz"] = RouteFamily.Open,
        ["GET /public/uploads/1"] = RouteFamily.Open,
        ["HEAD /public/uploads/1"] = RouteFamily.Open,
        ["POST /api/console/session"] = RouteFamily.SignIn,
        ["POST /admin/login"] = RouteFamily.SignIn,
        ["POST /api/admin/login"] = RouteFamily.SignIn,
        ["POST /shop/admin/login"] = RouteFamily.SignIn,
        ["POST /api/shop/admin/login"] = RouteFamily.SignIn,
        ["POST /api/miniapp/session"] = RouteFamily.SignIn,
        ["POST /createSession"] = RouteFamily.SignIn,
        ["POST /api/createSession"] = RouteFamily.SignIn,
        ["POST /api/miniapp/createSession"] = RouteFamily.SignIn,
        ["POST /console/session"] = RouteFamily.Page,
        ["GET /console"] = RouteFamily.Page,
        ["POST /console/logout"] = RouteFamily.Page,
        ["POST /console/sessions/1/end"] = RouteFamily.Page,
        ["GET /console/style.css"] = RouteFamily.Open,
        ["GET /api/console/session"] = RouteFamily.Console,
        ["DELETE /api/console/session"] = RouteFamily.Console,
        ["POST /api/guest/session"] = RouteFamily.SignIn,
        ["POST /api/visitorRegister"] = RouteFamily.SignIn,
        ["GET /img/1"] = RouteFamily.Signed,
        ["HEAD /img/1"] = RouteFamily.Signed,
        ["POST /img/1"] = RouteFamily.Signed,
        ["GET /mirror/1"] = RouteFamily.Open,
        ["HEAD /mirror/1"] = RouteFamily.Open,
        ["POST /oss/callback"] = RouteFamily.Signed,
        ["POST /oss/gateway"] = RouteFamily.Signed,
        ["GET /oss/gateway/1"] = RouteFamily.Open,
        ["HEAD /oss/gateway/1"] = RouteFamily.Open,
    };

    private static readonly string[] ForGuestsToo = ["/api/me", "/api/me/logout", "/api/logout", "/api/miniapp/logout"];

    public bool Uploads => Path.Contains("/upload", StringComparison.Ordinal);

    public bool Reads => Method is "GET" or "HEAD";

    /// <summary>Every route of a server, as it is mapped.</summary>
    public static IReadOnlyList<Knock> All(IServiceProvider services) =>
    [
        .. from endpoint in services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
           where endpoint.Metadata.GetMetadata<ControllerActionDescriptor>() is not null
           from method in endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods
           let path = "/" + Regex.Replace(endpoint.RoutePattern.RawText!.TrimStart('/'), @"\{[^}]*\}", "1", RegexOptions.None, TimeSpan.FromSeconds(1))
           select new Knock(method, path, FamilyOf(method, path)),
    ];

    /// <summary>The first bytes of a request with a body that does not come before it is asked for.</summary>
    public string Head(string headers) => Reads
        ? $"{Method} {Path} HTTP/1.1\r\nHost: x\r\n{headers}Connection: close\r\n\r\n"
        : $"{Method} {Path} HTTP/1.1\r\nHost: x\r\nContent-Type: {(Uploads ? "multipart/form-data; boundary=" + Form.Boundary : "application/json")}\r\n"
            + $"Content-Length: 1000\r\nExpect: 100-continue\r\n{headers}\r\n";

    public override string ToString() => $"{Method} {Path}";

    private static RouteFamily FamilyOf(string method, string path)
    {
        if (Listed.TryGetValue($"{method} {path}", out var family))
            return family;
        if (path.Contains("/shop/admin/", StringComparison.Ordinal))
            return RouteFamily.Shop;
        if (path.Contains("/admin/", StringComparison.Ordinal))
            return RouteFamily.Console;
        if (path.EndsWith("/oss/sts", StringComparison.Ordinal))
            return RouteFamily.Mine;
        if (path.Contains("/oss/", StringComparison.Ordinal) || path.StartsWith("/goodsOss/", StringComparison.Ordinal))
            return RouteFamily.Grant;
        if (path.Contains("/goods/", StringComparison.Ordinal))
            return method == "GET" && !path.Contains("/mine/", StringComparison.Ordinal) ? RouteFamily.Grant : RouteFamily.Mine;
        if (ForGuestsToo.Contains(path))
            return RouteFamily.Known;
        return path.StartsWith("/api/me/", StringComparison.Ordinal) ? RouteFamily.Mine : RouteFamily.Chat;
    }
}
