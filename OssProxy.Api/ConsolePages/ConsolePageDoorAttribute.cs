using OssProxy.Api.Access;
using OssProxy.Core.Identity;

namespace OssProxy.Api.ConsolePages;

/// <summary>The door of the pages, which is for the cookie alone: a link with a token in it would show its maker's account to whoever follows it.
/// Their forms carry the form token in a field, which is looked at by whoever reads the form.</summary>
public sealed class ConsolePageDoorAttribute : AdminDoorAttribute
{
    internal override (Secret Token, TokenPlace Place) Find(HttpRequest request) => RequestToken.OfCookie(request) is { IsEmpty: false } cookie
        ? (cookie, TokenPlace.Cookie)
        : (default, TokenPlace.None);

    protected override void RequireOwnPage(HttpContext context, Secret token) => OwnOrigin.Require(context);
}
