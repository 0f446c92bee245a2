using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using OssProxy.Api.Envelope;
using OssProxy.Api.Library;
using OssProxy.Core.Identity;

namespace OssProxy.Api.Access;

/// <summary>Guests who want to be known by their device from one request to the next. The chat clients call it registering a visitor.</summary>
/// <param name="sessions">Null where no records are kept.</param>
[ApiController]
[Says(nameof(ApiError.RecordsOff), "没有启用上传记录（Records:Provider=none），不能登录")]
public sealed class GuestController(
    LibraryDesk desk, RateLimits rates, AuditTrail audit, IOptions<GuestOptions> guests, IOptions<AuthOptions> auth, Sessions? sessions = null)
    : ControllerBase
{
    [HttpPost("/api/guest/session")]
    [HttpPost("/api/visitorRegister")]
    public async Task<Reply> BeginAsync()
    {
        if (sessions is null)
            throw new ApiException(ApiError.RecordsOff);
        if (!auth.Value.Sessions)
            throw new IdentityException(IdentityError.SignInOff, "Auth:Sessions is false.");

        var address = CallerAddress.Of(HttpContext);
        await rates.RequireAsync(address, HttpContext.RequestAborted);
        if (guests.Value.Allowed != true)
            throw new IdentityException(IdentityError.GuestNotAllowed, "Guests are not allowed.");
        await rates.RequireSignInAsync(address, HttpContext.RequestAborted);

        var device = await DeviceAsync();
        var grant = await sessions.BeginAsync(SessionKind.Guest, subject: 0, device, HttpContext.RequestAborted);
        var guest = Core.Identity.Caller.Guest(device) with { Session = grant.Session };
        await audit.WriteBegunAsync(grant, guest.Owner, address, "");
        var view = CallerView.Of(guest);
        Response.Headers.CacheControl = "no-store";
        return Reply.Ok(SessionGrantView.Of(grant, view, view.Role, device));
    }

    // Whoever has no name for the device is given one.
    private async Task<string> DeviceAsync()
    {
        var fields = await desk.FieldsAsync(HttpContext);
        var device = fields.Line("deviceId", 0, Sessions.LongestDevice) ?? fields.Line("device", 0, Sessions.LongestDevice);
        if (string.IsNullOrEmpty(device))
            return Guid.NewGuid().ToString("N");
        return DeviceName.IsFit(device) ? device : throw Fields.Invalid("deviceId 只能由字母、数字、点、下划线和减号组成");
    }
}
