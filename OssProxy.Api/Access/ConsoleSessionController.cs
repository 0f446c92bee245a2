using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using OssProxy.Api.Envelope;
using OssProxy.Api.Library;
using OssProxy.Core.Identity;

namespace OssProxy.Api.Access;

/// <summary>Sessions of console accounts for programs, and for the consoles that exist, which look for <c>token</c> in <c>data</c> and send it in
/// a header from then on. No cookie is set: whoever can be made to send such a request from elsewhere gets nothing that a browser keeps.</summary>
[ApiController]
public sealed class ConsoleSessionController(SignIn signIn, LibraryDesk desk, AuditTrail audit, Sessions? sessions = null) : ControllerBase
{
    [HttpPost("/api/console/session")]
    [HttpPost("/admin/login")]
    [HttpPost("/api/admin/login")]
    [HttpPost("/shop/admin/login")]
    [HttpPost("/api/shop/admin/login")]
    public async Task<Reply> BeginAsync()
    {
        Response.Headers.CacheControl = "no-store";
        var address = CallerAddress.Of(HttpContext);
        await signIn.CountAsync(address, HttpContext.RequestAborted);
        var credentials = SignInFields.Of(await desk.FieldsAsync(HttpContext));
        var (account, grant) = await signIn.BeginAsync(credentials, address, previous: default, HttpContext.RequestAborted);
        return Reply.Ok(new BegunSession(
            grant.Token.Reveal(), grant.Session.Id, (long)grant.Lifetime.TotalSeconds, new ConsoleUser(account.Id, account.Name)));
    }

    [HttpGet("/api/console/session")]
    [ConsoleDoor]
    public Reply Tell()
    {
        var caller = Entry.Of(HttpContext).Caller;
        var (token, place) = RequestToken.Of(Request);
        return Reply.Ok(new CurrentSession(
            caller.Session?.Id, new ConsoleUser(caller.Session?.Subject, caller.Name), place == TokenPlace.Cookie ? FormToken.Of(token) : null));
    }

    [HttpDelete("/api/console/session")]
    [HttpPost("/admin/logout")]
    [HttpPost("/api/admin/logout")]
    [ConsoleDoor]
    public Task<Reply> EndAsync() => EndSessionAsync();

    [HttpPost("/shop/admin/logout")]
    [HttpPost("/api/shop/admin/logout")]
    [ShopDoor]
    public Task<Reply> EndForShopAsync() => EndSessionAsync();

    // A token that is no session's, the admin key or an API key, has no end here; a console that forgets it is signed out as well.
    private async Task<Reply> EndSessionAsync()
    {
        var (caller, address, _) = Entry.Of(HttpContext);
        if (sessions is not null && caller.Session is { } session
            && await sessions.EndAsync(session.Kind, session.Subject, session.Id, HttpContext.RequestAborted))
            await audit.WriteEndedAsync([session.Id], caller.Owner, address);

        return Reply.Ok(true);
    }

    private sealed record BegunSession(
        [property: JsonPropertyName("token")] string Token,
        [property: JsonPropertyName("sessionId")] long SessionId,
        [property: JsonPropertyName("expiresIn")] long ExpiresIn,
        [property: JsonPropertyName("user")] ConsoleUser User);

    private sealed record CurrentSession(
        [property: JsonPropertyName("sessionId")] long? SessionId,
        [property: JsonPropertyName("user")] ConsoleUser User,
        [property: JsonPropertyName("csrfToken"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? CsrfToken);

    private sealed record ConsoleUser([property: JsonPropertyName("id")] long? Id, [property: JsonPropertyName("name")] string Name);
}
