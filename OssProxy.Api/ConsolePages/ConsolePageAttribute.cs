using OssProxy.Api.Envelope;
using OssProxy.Core.Identity;

namespace OssProxy.Api.ConsolePages;

/// <summary>Marks what people look at in a browser: a failure is told as a page. Whoever has to sign in is given the form.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ConsolePageAttribute : Attribute
{
    /// <summary>Answers a failure.</summary>
    /// <param name="text">What a person can do about it.</param>
    internal static async Task WriteAsync(HttpContext context, Failure failure, string text)
    {
        // Whoever comes to the door for the first time has done nothing wrong.
        var isStranger = failure.Code == nameof(IdentityError.TokenMissing);
        var isOver = failure.Code is nameof(IdentityError.TokenInvalid) or nameof(IdentityError.TokenExpired) or nameof(IdentityError.UserDisabled);
        if (HttpMethods.IsGet(context.Request.Method) && (isStranger || isOver))
            context.Response.StatusCode = StatusCodes.Status200OK;
        if (isOver)
            SessionCookie.Remove(context);

        var problem = isStranger ? null : isOver ? "登录已失效，请重新登录" : text;
        var mayTry = isStranger || isOver || failure.Code is nameof(IdentityError.SignInFailed) or nameof(IdentityError.SignInLocked);
        await ConsolePage.WriteAsync(context.Response, mayTry ? ConsolePage.SignIn(problem) : ConsolePage.Failure(text));
    }
}
