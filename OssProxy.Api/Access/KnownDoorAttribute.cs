using OssProxy.Core.Identity;

namespace OssProxy.Api.Access;

/// <summary>A door for whoever has a token, to what is their own.</summary>
public sealed class KnownDoorAttribute : DoorAttribute
{
    /// <summary>Whether guests with a token are let in. What a guest has sent is not shown: a device's name is a claim.</summary>
    public bool Guests { get; init; }

    protected override ValueTask<Caller> StrangerAsync(HttpContext context) =>
        throw new IdentityException(IdentityError.TokenMissing, "The request carries no token.");

    protected override void Admit(HttpContext context, Caller caller)
    {
        if (caller.Kind == CallerKind.Guest && !Guests)
            throw new IdentityException(IdentityError.GuestNotAllowed, "Guests have nothing of their own.");
    }
}
