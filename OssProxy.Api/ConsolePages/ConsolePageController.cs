using System.Net.Mime;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using OssProxy.Api.Access;
using OssProxy.Api.Envelope;
using OssProxy.Api.Library;
using OssProxy.Core.Identity;

namespace OssProxy.Api.ConsolePages;

/// <summary>Signing in with a browser: the form, who is signed in where, and the way out. What it sets is a cookie; programs and consoles that
/// send a header get their token from <see cref="ConsoleSessionController"/>.</summary>
[ApiController]
[ConsolePage]
public sealed class ConsolePageController(SignIn signIn, LibraryDesk desk, AuditTrail audit, Sessions? sessions = null) : ControllerBase
{
    private const string Home = "/console";

    private Sessions Sessions => sessions ?? throw new ApiException(ApiError.RecordsOff);

    [HttpGet(Home)]
    [ConsolePageDoor]
    public async Task ShowAsync()
    {
        var caller = Entry.Of(HttpContext).Caller;
        IReadOnlyList<SessionInfo> all = caller.Session is { } session
            ? await Sessions.ListAsync(session.Kind, session.Subject, HttpContext.RequestAborted)
            : [];
        var page = ConsolePage.Account(caller, all, FormToken.Of(RequestToken.OfCookie(Request)), desk.Clock);
        await ConsolePage.WriteAsync(Response, page);
    }

    // Nobody is signed in yet, so there is no session to make a form token of: where the form comes from is all that is asked. Another site
    // that could sign its visitors in would have them work in an account of its own.
    [HttpPost("/console/session")]
    public async Task<IActionResult> SignInAsync()
    {
        OwnOrigin.Require(HttpContext);
        var address = CallerAddress.Of(HttpContext);
        await signIn.CountAsync(address, HttpContext.RequestAborted);
        var credentials = SignInFields.Of(await desk.FieldsAsync(HttpContext));

        // Always another token: one that somebody has planted in the browser is worth nothing afterwards.
        var previous = RequestToken.OfCookie(Request);
        var (_, grant) = await signIn.BeginAsync(credentials, address, previous, HttpContext.RequestAborted);
        SessionCookie.Set(HttpContext, grant.Token);
        return Onwards();
    }

    [HttpPost("/console/logout")]
    [ConsolePageDoor]
    public async Task<IActionResult> SignOutAsync()
    {
        await RequireFormTokenAsync();
        if (Entry.Of(HttpContext).Caller.Session is { } session)
            await EndAsync(session, session.Id);
        SessionCookie.Remove(HttpContext);
        return Onwards();
    }

    [HttpPost("/console/sessions/{id:long}/end")]
    [ConsolePageDoor]
    public async Task<IActionResult> EndSessionAsync()
    {
        await RequireFormTokenAsync();
        var id = ConsoleQuery.Id(HttpContext);
        if (Entry.Of(HttpContext).Caller.Session is not { } session || !await EndAsync(session, id))
            throw new IdentityException(IdentityError.SessionNotFound, $"The caller has no session {id}.");
        return Onwards();
    }

    [HttpGet(StyleSheet.Path)]
    public IActionResult Style()
    {
        Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        return File(StyleSheet.Bytes, MediaTypeNames.Text.Css);
    }

    private async Task<bool> EndAsync(SessionInfo own, long id)
    {
        var ended = await Sessions.EndAsync(own.Kind, own.Subject, id, HttpContext.RequestAborted);
        var (caller, address, _) = Entry.Of(HttpContext);
        if (ended)
            await audit.WriteEndedAsync([id], caller.Owner, address);
        return ended;
    }

    private async Task RequireFormTokenAsync()
    {
        var fields = await desk.FieldsAsync(HttpContext);
        FormToken.Require(RequestToken.OfCookie(Request), fields.Secret(FormToken.Field).Reveal());
    }

    // 303: the browser comes back with GET, and reloading sends no form again.
    private StatusCodeResult Onwards()
    {
        Response.Headers[HeaderNames.Location] = Home;
        Response.Headers.CacheControl = "no-store";
        return StatusCode(StatusCodes.Status303SeeOther);
    }
}
