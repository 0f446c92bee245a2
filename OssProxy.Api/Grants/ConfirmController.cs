using Microsoft.AspNetCore.Mvc;
using OssProxy.Api.Access;
using OssProxy.Api.Envelope;
using OssProxy.Api.Uploads;

namespace OssProxy.Api.Grants;

/// <summary>Where a client says that it has uploaded, and gets the record, whether the store has called or not. To be repeated as often as
/// anybody likes.</summary>
[ApiController]
[CallerDoor]
[SaysGrantsOff]
public sealed class ConfirmController(GrantDesk desk) : ControllerBase
{
    private const int LongestToken = 64;
    private const int LongestKey = 1023;

    [HttpPost("/oss/confirm")]
    [HttpPost("/api/oss/confirm")]
    public async Task<Reply> ConfirmAsync()
    {
        var fields = await desk.FieldsAsync(HttpContext);
        var token = fields.Line("grant", 0, LongestToken) is { Length: > 0 } given ? given : null;
        var key = fields.Lines("key", LongestKey) is { Length: > 0 } path ? GrantDesk.Key(path) : null;
        var record = await desk.Confirmation.ConfirmAsync(token, key, GrantDesk.Owner(HttpContext), HttpContext.RequestAborted);
        return Reply.Ok(ImageRow.Of(record));
    }
}
