using Microsoft.Extensions.Options;
using OssProxy.Api.Envelope;
using OssProxy.Core.Identity;
using OssProxy.Core.Records;

namespace OssProxy.Api.Access;

/// <summary>What somebody says who wants to come in.</summary>
/// <param name="Device">The label of the device; may be empty.</param>
public sealed record Credentials(string Name, Secret Password, string Device);

/// <summary>
/// Lets the accounts of the consoles in, by name and password. The attempt is counted, then the password looked at, then the session begun; an
/// unknown name and a disabled account go the same way and are told the same, in the same time. What is counted and how much may be looked
/// at at once stands at <see cref="SignInAttempts"/> and <see cref="PasswordQueue"/>.
/// </summary>
public sealed partial class SignIn(
    IOptions<AuthOptions> options, Passwords passwords, PasswordQueue queue, RateLimits rates, AuditTrail audit, ILogger<SignIn> log,
    Accounts? accounts = null, SignInAttempts? attempts = null, Sessions? sessions = null)
{
    // A name that nobody has may be somebody's password, typed into the wrong field.
    private const string Unknown = "unknown";

    /// <summary>Counts somebody who wants to come in. To be called before anything reads the body.</summary>
    /// <param name="address">See <see cref="CallerAddress"/>.</param>
    /// <exception cref="IdentityException"><see cref="IdentityError.SignInOff"/>, <see cref="IdentityError.TooManyRequests"/>.</exception>
    /// <exception cref="ApiException"><see cref="ApiError.RecordsOff"/>.</exception>
    /// <exception cref="RecordsException">The database that counts cannot be reached.</exception>
    public async ValueTask CountAsync(string address, CancellationToken cancellationToken)
    {
        if (accounts is null || attempts is null || sessions is null)
            throw new ApiException(ApiError.RecordsOff);
        if (!options.Value.Passwords || !options.Value.Sessions)
            throw new IdentityException(IdentityError.SignInOff, "Auth:Passwords or Auth:Sessions is false.");
        await rates.RequireAsync(address, cancellationToken);
        await rates.RequireSignInAsync(address, cancellationToken);
    }

    /// <summary>Begins a session, always a new one. Once the attempt is counted nothing is cancelled: whoever leaves then has tried.</summary>
    /// <param name="address">See <see cref="CallerAddress"/>.</param>
    /// <param name="previous">The token that the same browser had until now, whose session ends; empty for none.</param>
    /// <exception cref="IdentityException"><see cref="IdentityError.SignInFailed"/>, <see cref="IdentityError.SignInLocked"/>,
    /// <see cref="IdentityError.TooManyRequests"/>.</exception>
    /// <exception cref="ApiException"><see cref="ApiError.RecordsOff"/>.</exception>
    /// <exception cref="RecordsException">The database cannot be reached or written.</exception>
    public async Task<(Account Account, SessionGrant Grant)> BeginAsync(
        Credentials credentials, string address, Secret previous, CancellationToken cancellationToken)
    {
        if (accounts is null || attempts is null || sessions is null)
            throw new ApiException(ApiError.RecordsOff);

        // What cannot be a name or a password by the rules that everybody knows is not worth a look.
        if (!PlainName.TryParse(credentials.Name, out var name) || credentials.Password.Length is 0 or > AccountPassword.Longest)
            throw Failed("it cannot be one");

        using var turn = await queue.EnterAsync(cancellationToken);
        var attempt = await attempts.ReserveAsync(name, address, cancellationToken);
        if (attempt.Wait is { } wait)
            throw new IdentityException(IdentityError.SignInLocked, "Too many passwords have been wrong.") { RetryAfter = wait };

        var found = await accounts.FindAsync(name, CancellationToken.None);
        var match = passwords.Verify(found?.Hash, credentials.Password);
        if (match == PasswordMatch.No || found is not { Account.IsEnabled: true } known)
        {
            await RefuseAsync(found?.Account.Name ?? Unknown, address, attempt.IsLast);
            throw Failed("name or password is wrong");
        }

        // Made with less work than today's, and the password is at hand. Who has changed it meanwhile has changed it.
        if (match == PasswordMatch.YesButWeak)
            await accounts.RehashAsync(known.Account.Id, known.Hash, passwords.Hash(credentials.Password), CancellationToken.None);
        await attempts.ForgetAsync(name, address, CancellationToken.None);
        var owner = Caller.Account(known.Account.Name).Owner;
        var grant = await sessions.BeginAsync(SessionKind.Admin, known.Account.Id, credentials.Device, CancellationToken.None);
        await audit.WriteBegunAsync(grant, owner, address, credentials.Device);

        // Whoever disables an account or changes its password ends the sessions that there are: this one may have begun behind that, and what was
        // looked at before it.
        var isUnchanged = false;
        try
        {
            isUnchanged = await accounts.FindAsync(name, CancellationToken.None) is { Account.IsEnabled: true } now
                && now.Account.Id == known.Account.Id
                && (now.Hash == known.Hash || passwords.Verify(now.Hash, credentials.Password) != PasswordMatch.No);
        }
        finally
        {
            if (!isUnchanged)
                await EndAsync(grant.Token, owner, address);
        }

        if (!isUnchanged)
        {
            await RefuseAsync(known.Account.Name, address, isLast: false);
            throw Failed("the account has changed meanwhile");
        }

        // Last: whoever is not let in stays who they were. The browser forgets the old one in any case.
        try
        {
            await EndAsync(previous, owner, address);
        }
        catch (RecordsException failure)
        {
            LogLeft(failure);
        }

        return (known.Account, grant);
    }

    private async Task EndAsync(Secret token, string owner, string address)
    {
        if (!token.IsEmpty && await sessions!.EndAsync(token, CancellationToken.None) is { } ended)
            await audit.WriteEndedAsync([ended], owner, address);
    }

    // No more than the counts let through, and a lock once: an attacker does not fill the book.
    private async Task RefuseAsync(string whose, string address, bool isLast)
    {
        await audit.WriteAsync(new AuditEvent("", "signin.fail", whose, address));
        if (isLast)
            await audit.WriteAsync(new AuditEvent("", "signin.lock", whose, address));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The session that a browser had before it signed in could not be ended; it ends by itself")]
    private partial void LogLeft(Exception failure);

    private static IdentityException Failed(string reason) => new(IdentityError.SignInFailed, $"Nobody was let in: {reason}.");
}
