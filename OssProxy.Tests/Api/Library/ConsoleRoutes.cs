using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Mvc.Controllers;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace OssProxy.Tests.Api.Library;

/// <summary>Every route of the consoles that is not an upload, by name: the contract's, then what was added to it.</summary>
internal static class ConsoleRoutes
{
    private static readonly (string Method, string Path, string? Body)[] Shop =
    [
        ("GET", "imageclass/1", null),
        ("POST", "imageclass", """{"name":"新建"}"""),
        ("POST", "imageclass/1", """{"name":"改名"}"""),
        ("POST", "imageclass/1/update_status", """{"status":1}"""),
        ("GET", "imageclass/1/image/1", null),
        ("POST", "image/1", """{"name":"图片"}"""),
        ("POST", "image", """{"url":"/a.png","name":"图片"}"""),
        ("POST", "image/1/delete", null),
        ("POST", "imageclass/1/delete", null),
    ];

    private static readonly (string Method, string Path, string? Body)[] Admin =
    [
        ("GET", "image_class/1", null),
        ("GET", "imageclass/1", null),
        ("POST", "image_class", """{"name":"甲"}"""),
        ("POST", "imageclass", """{"name":"乙"}"""),
        ("POST", "image_class/1", """{"name":"丙"}"""),
        ("POST", "imageclass/1", """{"name":"丁"}"""),
        ("POST", "image_class/1/update_status", """{"status":1}"""),
        ("POST", "imageclass/1/update_status", """{"status":1}"""),
        ("GET", "image_class/1/image/1", null),
        ("GET", "imageclass/1/image/1", null),
        ("POST", "image/1", """{"name":"图"}"""),
        ("POST", "image/1/delete", null),
        ("DELETE", "image/1", null),
        ("POST", "image/delete_all", """{"ids":[1]}"""),
        ("POST", "image_class/1/delete", null),
        ("POST", "imageclass/1/delete", null),
        ("DELETE", "image_class/1", null),
        ("DELETE", "imageclass/1", null),
    ];

    private static readonly (string Method, string Path, string? Body)[] Added =
    [
        ("POST", "image/move", """{"ids":[1],"image_class_id":0}"""),
        ("POST", "image/restore", """{"ids":[1]}"""),
        ("POST", "image/1/restore", null),
        ("GET", "image/deleted/1", null),
        ("GET", "image/search/1", null),
        ("GET", "image/export?format=ndjson", null),
        ("GET", "image_class/usage", null),
        ("GET", "imageclass/usage", null),
        ("GET", "image_class/1/policy", null),
        ("GET", "imageclass/1/policy", null),
        ("POST", "image_class/1/policy", "{}"),
        ("POST", "imageclass/1/policy", "{}"),
    ];

    // The other spelling of the class, and the verbs of the other family, for whoever has got used to them.
    private static readonly (string Method, string Path, string? Body)[] ShopToo =
    [
        ("GET", "image_class/1", null),
        ("POST", "image_class", """{"name":"另一"}"""),
        ("POST", "image_class/1", """{"name":"另二"}"""),
        ("POST", "image_class/1/update_status", """{"status":1}"""),
        ("GET", "image_class/1/image/1", null),
        ("DELETE", "image/1", null),
        ("POST", "image/delete_all", """{"ids":[1]}"""),
        ("POST", "image_class/1/delete", null),
        ("DELETE", "image_class/1", null),
        ("DELETE", "imageclass/1", null),
    ];

    /// <summary>All of them, as a client sends them.</summary>
    public static IReadOnlyList<(string Method, string Path, string? Body)> All { get; } =
    [
        .. from prefix in new[] { "/shop/admin/", "/api/shop/admin/" }
           from one in Shop.Concat(Added).Concat(ShopToo)
           select (one.Method, prefix + one.Path, one.Body),
        .. from prefix in new[] { "/admin/", "/api/admin/" }
           from one in Admin.Concat(Added)
           select (one.Method, prefix + one.Path, one.Body),
    ];

    /// <summary>What a family says to whoever has no key.</summary>
    public static string Stranger(string path) =>
        path.Contains("/shop/", StringComparison.Ordinal) ? "您没有权限访问商城接口" : "非法token，请先登录！";

    /// <summary>The routes that the server's library has, in the form of the list above.</summary>
    public static IEnumerable<string> Mapped(IServiceProvider services) =>
        from endpoint in services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        where endpoint.Metadata.GetMetadata<ControllerActionDescriptor>()?.ControllerTypeInfo.Namespace == "OssProxy.Api.Library"
        from method in endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods
        select $"{method} /{Regex.Replace(endpoint.RoutePattern.RawText!.TrimStart('/'), @"\{[^}]*\}", "1", RegexOptions.None, TimeSpan.FromSeconds(1))}";
}
