using Microsoft.AspNetCore.Mvc;
using OssProxy.Api.Access;
using OssProxy.Api.Envelope;

namespace OssProxy.Api.Uploads;

/// <summary>The way onto this machine's disk: one file under any field name; <c>data</c> is an object.</summary>
[ApiController]
[UploadDoor]
[CallerDoor(MissingText = "您没有权限访问即时通讯接口")]
public sealed class LocalUploadController(UploadDesk desk) : ControllerBase
{
    [HttpPost("/api/chat/uploadStreamSingleToServerDiy/{diydir}")]
    [HttpPost("/uploadStreamSingleToServerDiy/{diydir}")]
    [HttpPost("/api/uploadStreamSingleToServerDiy/{diydir}")]
    public async Task<Reply> UploadIntoFolderAsync() =>
        Reply.Ok(await desk.StoreLocallyAsync(HttpContext, (string?)RouteData.Values["diydir"]));

    [HttpPost("/uploadStreamSingleToServer")]
    [HttpPost("/api/uploadStreamSingleToServer")]
    [HttpPost("/api/chat/uploadStreamSingleToServer")]
    public async Task<Reply> UploadAsync() => Reply.Ok(await desk.StoreLocallyAsync(HttpContext, folder: null));
}
