using Microsoft.AspNetCore.Mvc;
using OssProxy.Api.Access;
using OssProxy.Api.Envelope;

namespace OssProxy.Api.Uploads;

/// <summary>The admin consoles' way into the store: several files, a class; <c>data</c> is an array of rows.</summary>
[ApiController]
[UploadDoor]
[UploadFailureText]
public sealed class AdminUploadController(UploadDesk desk) : ControllerBase
{
    [HttpPost("/shop/admin/image/uploadAliyun")]
    [HttpPost("/api/shop/admin/image/uploadAliyun")]
    [ShopDoor]
    public async Task<Reply> UploadFromShopAsync() => Reply.Ok(await desk.StoreSeveralAsync(HttpContext));

    // These consoles log the user out when they read exactly this text.
    [HttpPost("/admin/image/upload")]
    [HttpPost("/api/admin/image/upload")]
    [HttpPost("/admin/image/uploadAliyun")]
    [HttpPost("/api/admin/image/uploadAliyun")]
    [ConsoleDoor]
    public async Task<Reply> UploadFromConsoleAsync() => Reply.Ok(await desk.StoreSeveralAsync(HttpContext));
}
