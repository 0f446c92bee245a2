using OssProxy.Api.Access;
using OssProxy.Core.Identity;

namespace OssProxy.Api.ConsolePages;

/// <summary>The door of the pages. Their forms carry the form token in a field, which is looked at by whoever reads the form.</summary>
public sealed class ConsolePageDoorAttribute : AdminDoorAttribute
{
    protected override void RequireOwnPage(HttpContext context, Secret token) => OwnOrigin.Require(context);
}
