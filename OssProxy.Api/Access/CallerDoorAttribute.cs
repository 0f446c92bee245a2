using Microsoft.Extensions.Options;
using OssProxy.Core.Identity;

namespace OssProxy.Api.Access;

/// <summary>A door of the chat clients: for everybody who is known, and for guests where the deployment allows them.</summary>
public sealed class CallerDoorAttribute : DoorAttribute
{
    /// <summary>The header in which a guest's device may name itself: letters, digits, <c>.</c>, <c>_</c> and <c>-</c>.</summary>
    public const string DeviceHeader = "x-device-id";

    protected override ValueTask<Caller> StrangerAsync(HttpContext context)
    {
        if (!AreGuestsAllowed(context))
            throw new IdentityException(IdentityError.TokenMissing, "The request carries no token, and guests are not allowed.");

        // A claim, no more: what it names is kept beside the file and opens nothing.
        var device = context.Request.Headers[DeviceHeader].ToString();
        return ValueTask.FromResult(DeviceName.IsFit(device) ? Caller.Guest(device) : Caller.Stranger);
    }

    protected override void Admit(HttpContext context, Caller caller)
    {
        if (caller.Kind == CallerKind.Guest && !AreGuestsAllowed(context))
            throw new IdentityException(IdentityError.GuestNotAllowed, "Guests are not allowed.");
        if (caller.Scope is { MayUpload: false } scope)
            throw new IdentityException(IdentityError.ScopeMissing, $"Key {scope.KeyId} may not upload.");
    }

    private static bool AreGuestsAllowed(HttpContext context) =>
        context.RequestServices.GetRequiredService<IOptions<GuestOptions>>().Value.Allowed == true;
}
