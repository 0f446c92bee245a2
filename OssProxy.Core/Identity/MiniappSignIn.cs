using OssProxy.Core.Records;

namespace OssProxy.Core.Identity;

/// <summary>What a mini-program sends to sign a user in.</summary>
/// <param name="AppId">Null for the only app of the provider.</param>
/// <param name="Code">What the mini-program was given by its platform.</param>
/// <param name="Device">See <see cref="Sessions.BeginAsync"/>.</param>
/// <param name="Address">Where the request comes from.</param>
public sealed record MiniappCode(string Provider, string? AppId, Secret Code, string Device, string Address);

/// <summary>A sign-in through a mini-program, from the code to the session. Each that was refused and each that was not leaves one line in
/// the book; how many there can be is for <see cref="RateLimits.RequireSignInAsync"/> to say, before this is asked.</summary>
public sealed class MiniappSignIn
{
    private readonly Miniapps _miniapps;
    private readonly AppUsers _users;
    private readonly Sessions _sessions;
    private readonly AuditTrail _audit;

    internal MiniappSignIn(Miniapps miniapps, AppUsers users, Sessions sessions, AuditTrail audit) =>
        (_miniapps, _users, _sessions, _audit) = (miniapps, users, sessions, audit);

    /// <summary>Signs a user in.</summary>
    /// <exception cref="IdentityException">As of <see cref="Miniapps.Find"/>, <see cref="IMiniappProvider.RedeemAsync"/> and
    /// <see cref="AppUsers.SignInAsync"/>.</exception>
    /// <exception cref="RecordsException">The database cannot be reached or written.</exception>
    public async Task<(SessionGrant Grant, AppUser User)> RunAsync(MiniappCode sent, CancellationToken cancellationToken)
    {
        // What is configured nowhere was typed by somebody, and may be the code in the wrong field.
        var name = "unknown";
        try
        {
            var app = _miniapps.Find(sent.Provider, sent.AppId);
            name = $"{app.Provider}/{app.AppId}";
            var user = await _users.SignInAsync(await app.RedeemAsync(sent.Code, cancellationToken), cancellationToken);
            var grant = await _sessions.BeginAsync(SessionKind.User, user.Id, sent.Device, cancellationToken);
            await _audit.WriteBegunAsync(grant, Caller.User(user.Id, user.Name).Owner, sent.Address, name);
            return (grant, user);
        }
        catch (IdentityException refusal)
        {
            await _audit.WriteAsync(new AuditEvent("", "signin.fail", name, sent.Address, refusal.Error.ToString()));
            throw;
        }
    }
}
