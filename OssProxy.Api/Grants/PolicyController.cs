using Microsoft.AspNetCore.Mvc;
using OssProxy.Api.Access;
using OssProxy.Api.Envelope;

namespace OssProxy.Api.Grants;

/// <summary>
/// Where clients fetch the policy of a form that they post to OSS. Who they are says their token: the <c>user_id</c> that the first clients
/// send is a hint that opens nothing, and is not looked at. With <c>file_name</c> or <c>content_type</c> the grant is for one file and pins
/// all there is to pin.
/// </summary>
[ApiController]
[CallerDoor]
[SaysGrantsOff]
public sealed class PolicyController(GrantDesk desk) : ControllerBase
{
    [HttpGet("/goodsOss/getOssPolicy")]
    [HttpGet("/oss/policy")]
    [HttpGet("/api/oss/policy")]
    public async Task<Reply> GetAsync()
    {
        var grant = await desk.Issuer.PostAsync(desk.RequestOf(HttpContext), HttpContext.RequestAborted);
        Response.Headers.CacheControl = "no-store";
        return Reply.Ok(PolicyView.Of(grant));
    }
}
