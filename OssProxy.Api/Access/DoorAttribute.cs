using Microsoft.AspNetCore.Mvc.Filters;
using OssProxy.Api.Envelope;
using OssProxy.Core.Identity;

namespace OssProxy.Api.Access;

/// <summary>
/// A door: asks who is there, before a byte of the body is read, and leaves the answer as an <see cref="Entry"/>. First the address is
/// counted, then the token looked at, then the caller counted, so that nobody has tokens looked at without end. A token that is no good is
/// refused even where none is needed: who shows one wants to be known by it.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public abstract class DoorAttribute : Attribute, IAsyncAuthorizationFilter, IFailureText
{
    /// <summary>The text for a missing token, where the route's clients wait for one.</summary>
    public string? MissingText { get; init; }

    /// <summary>The text for a token that is none of ours.</summary>
    public string? InvalidText { get; init; }

    /// <summary>The text for a token that was good once.</summary>
    public string? ExpiredText { get; init; }

    /// <summary>The text for somebody who has been disabled.</summary>
    public string? DisabledText { get; init; }

    public Task OnAuthorizationAsync(AuthorizationFilterContext context) => EnterAsync(context.HttpContext);

    /// <summary>Lets in whoever is at the door, for a route that not everybody has to come in by it.</summary>
    /// <exception cref="IdentityException">Why not.</exception>
    internal async Task EnterAsync(HttpContext http)
    {
        var services = http.RequestServices;
        var rates = services.GetRequiredService<RateLimits>();
        var address = CallerAddress.Of(http);
        await rates.RequireAsync(address, http.RequestAborted);

        var (token, place) = Find(http.Request);
        if (place == TokenPlace.Cookie)
            RequireOwnPage(http, token);

        // A cache between here and there must not give to others what was for one.
        if (place != TokenPlace.None)
            http.Response.Headers.CacheControl = "no-store";
        var caller = place == TokenPlace.None
            ? await StrangerAsync(http)
            : await services.GetRequiredService<Authenticator>().IdentifyAsync(token, http.RequestAborted);
        if (place == TokenPlace.Cookie && caller.Session is not { Kind: SessionKind.Admin })
            throw new IdentityException(IdentityError.TokenInvalid, "The cookie holds something else than the session of an account.");
        Admit(http, caller);
        await rates.RequireAsync(caller, address, http.RequestAborted);
        http.Features.Set(new Entry(caller, address, token));
    }

    public string Phrase(Failure failure, string text) => failure.Code switch
    {
        nameof(IdentityError.TokenMissing) => MissingText ?? text,
        nameof(IdentityError.TokenInvalid) => InvalidText ?? text,
        nameof(IdentityError.TokenExpired) => ExpiredText ?? text,
        nameof(IdentityError.UserDisabled) => DisabledText ?? text,
        _ => text,
    };

    /// <summary>Finds the token that this door looks at.</summary>
    internal virtual (Secret Token, TokenPlace Place) Find(HttpRequest request) => RequestToken.Of(request);

    /// <summary>Refuses what a page of another site may have caused, where the token came as a cookie.</summary>
    /// <exception cref="IdentityException"><see cref="IdentityError.OriginRefused"/>.</exception>
    protected virtual void RequireOwnPage(HttpContext context, Secret token)
    {
        OwnOrigin.Require(context);
        FormToken.RequireHeader(context, token);
    }

    /// <summary>Who is there without a token.</summary>
    /// <exception cref="IdentityException">Nobody may be.</exception>
    protected abstract ValueTask<Caller> StrangerAsync(HttpContext context);

    /// <summary>Refuses whom this door is not for.</summary>
    /// <exception cref="IdentityException">Why.</exception>
    protected abstract void Admit(HttpContext context, Caller caller);
}
