using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using OssProxy.Api.Access;
using OssProxy.Api.Envelope;
using OssProxy.Api.Library;
using OssProxy.Core.Identity;

namespace OssProxy.Api.Me;

/// <summary>Who a token is, and the sessions of the same user. A token that is no session of ours (a JWT, an API key) has none, and cannot be
/// signed out here: that is for whoever has made it.</summary>
/// <param name="sessions">Null where no records are kept: no token is a session then.</param>
[ApiController]
[Route("/api/me")]
public sealed class MeController(AuditTrail audit, Sessions? sessions = null) : ControllerBase
{
    private Caller Caller => Entry.Of(HttpContext).Caller;

    [HttpGet("")]
    [KnownDoor(Guests = true)]
    public Reply Show() => Reply.Ok(CallerView.Of(Caller));

    [HttpGet("sessions")]
    [KnownDoor]
    public async Task<Reply> SessionsAsync() => Reply.Ok(Caller.Session is not { } mine || sessions is null
        ? []
        : (await sessions.ListAsync(mine.Kind, mine.Subject, HttpContext.RequestAborted)).Select(one => SessionView.Of(one, mine.Id)));

    [HttpPost("sessions/{id:long}/delete")]
    [HttpDelete("sessions/{id:long}")]
    [KnownDoor]
    public async Task<Reply> EndOneAsync()
    {
        var id = ConsoleQuery.Id(HttpContext);
        if (!await TryEndAsync(id))
            throw new IdentityException(IdentityError.SessionNotFound, $"The caller has no session {id}.");
        return Reply.Ok(true);
    }

    [HttpPost("sessions/delete_others")]
    [KnownDoor]
    public async Task<Reply> EndOthersAsync()
    {
        var ended = Caller.Session is { } mine && sessions is not null
            ? await sessions.EndOthersAsync(mine.Kind, mine.Subject, mine.Id, HttpContext.RequestAborted)
            : 0;
        if (ended > 0)
            await audit.WriteAsync(Entry.Of(HttpContext).Deed("session.end", "session", string.Create(CultureInfo.InvariantCulture, $"{ended} others")));
        return Reply.Ok(new Ended(ended));
    }

    [HttpPost("logout")]
    [HttpPost("/api/logout")]
    [HttpPost("/api/miniapp/logout")]
    [KnownDoor(Guests = true)]
    public async Task<Reply> LogOutAsync() => Reply.Ok(new Ended(Caller.Session is { } mine && await TryEndAsync(mine.Id) ? 1 : 0));

    private async Task<bool> TryEndAsync(long id)
    {
        if (Caller.Session is not { } mine || sessions is null
            || !await sessions.EndAsync(mine.Kind, mine.Subject, id, HttpContext.RequestAborted))
            return false;
        await audit.WriteEndedAsync([id], Caller.Owner, Entry.Of(HttpContext).Address);
        return true;
    }

    private sealed record Ended([property: JsonPropertyName("ended")] int Count);
}
