using Microsoft.AspNetCore.Mvc;
using OssProxy.Api.Access;
using OssProxy.Api.Envelope;

namespace OssProxy.Api.Uploads;

/// <summary>The chat clients' way into the store: one file, field <c>img</c>; <c>data</c> is an array of one.</summary>
[ApiController]
[UploadDoor]
[UploadFailureText]
[CallerDoor(MissingText = "您没有权限访问即时通讯接口")]
public sealed class ChatUploadController(UploadDesk desk) : ControllerBase
{
    [HttpPost("/api/chat/uploadAliyun")]
    public async Task<Reply> UploadAsync() => Reply.Ok(await desk.StoreOneAsync(HttpContext));
}
