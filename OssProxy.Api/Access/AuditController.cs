using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using OssProxy.Api.Envelope;
using OssProxy.Api.Library;
using OssProxy.Core.Identity;

namespace OssProxy.Api.Access;

/// <summary>Who did what, for admins.</summary>
[ApiController]
[ConsoleDoor]
public sealed class AuditController(AuditTrail audit, LibraryDesk desk) : ControllerBase
{
    [HttpGet("/admin/audit/{page}")]
    [HttpGet("/api/admin/audit/{page}")]
    public async Task<Reply> ListAsync()
    {
        var (entries, total) = await audit.ListAsync(ConsoleQuery.Page(HttpContext), HttpContext.RequestAborted);
        return Reply.Ok(new ImageList<Row>(
            [.. entries.Select(one => new Row(
                one.Id, desk.Clock.Local(one.At), one.Event.Actor, one.Event.Action, one.Event.Subject, one.Event.Address, one.Event.Detail))],
            total));
    }

    internal sealed record Row(
        [property: JsonPropertyName("id")] long Id,
        [property: JsonPropertyName("time")] string Time,
        [property: JsonPropertyName("actor")] string Actor,
        [property: JsonPropertyName("action")] string Action,
        [property: JsonPropertyName("subject")] string Subject,
        [property: JsonPropertyName("address")] string Address,
        [property: JsonPropertyName("detail")] string Detail);
}
