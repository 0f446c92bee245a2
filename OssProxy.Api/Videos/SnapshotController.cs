using Microsoft.AspNetCore.Mvc;
using OssProxy.Api.Access;
using OssProxy.Api.Envelope;

namespace OssProxy.Api.Videos;

/// <summary>The chat clients' way to the cover of a video that they have uploaded; for guests, too, where they may upload.</summary>
[ApiController]
[CallerDoor(MissingText = "您没有权限访问即时通讯接口")]
public sealed class SnapshotController(SnapshotDesk desk) : ControllerBase
{
    [HttpPost("/api/chat/getVideoScreenshot")]
    public async Task<Reply> TakeAsync() => Reply.Ok(await desk.TakeAsync(HttpContext));
}
