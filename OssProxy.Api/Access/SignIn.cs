using System.Globalization;
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
public sealed class SignIn(
    IOptions<AuthOptions> options, Passwords passwords, PasswordQueue queue, RateLimits rates, AuditTrail audit,
    Accounts? accounts = null, SignInAttempts? attempts = null, Sessions? sessions = null)
{
    /// <summary>Counts somebody who wants to come in. To be called before anything reads the body.</summary>
    /// <param name="address">See <see cref="CallerAddress"/>.</param>
    /// <exception cref="IdentityException"><see cref="IdentityError.SignInOff"/>, <see cref="IdentityError.TooManyRequests"/>.</exception>
    /// <exception cref="ApiException"><see cref="ApiError.RecordsOff"/>.</exception>
    /// <exception cref="RecordsException">The database that counts cannot be reached.</exception>
    public async ValueTask CountAsync(string address, CancellationToken cancellationToken)
    {
        await rates.RequireAsync(address, cancellationToken);
        if (accounts is null || attempts is null || sessions is null)
            throw new ApiException(ApiError.RecordsOff);
        if (!options.Value.Passwords || !options.Value.Sessions)
            throw new IdentityException(IdentityError.SignInOff, "Auth:Passwords or Auth:Sessions is false.");
        await rates.RequireSignInAsync(address, cancellationToken);
    }

    /// <summary>Begins a session, always a new one.</summary>
    /// <param name="address">See <see cref="CallerAddress"/>.</param>
    /// <exception cref="IdentityException"><see cref="IdentityError.SignInFailed"/>, <see cref="IdentityError.SignInLocked"/>,
    /// <see cref="IdentityError.TooManyRequests"/>.</exception>
    /// <exception cref="ApiException"><see cref="ApiError.RecordsOff"/>.</exception>
    /// <exception cref="RecordsException">The database cannot be reached or written.</exception>
    public async Task<(Account Account, SessionGrant Grant)> BeginAsync(
        Credentials credentials, string address, CancellationToken cancellationToken)
    {
        if (accounts is null || attempts is null || sessions is null)
            throw new ApiException(ApiError.RecordsOff);

        // What cannot be a name or a password by the rules that everybody knows is not worth a look.
        if (!PlainName.TryParse(credentials.Name, out var name) || credentials.Password.Length is 0 or > AccountPassword.Longest)
            throw Failed("it cannot be one");

        var (account, hash, isWeak) = await VerifyAsync(name, credentials.Password, address, accounts, attempts, cancellationToken);
        var grant = await sessions.BeginAsync(SessionKind.Admin, account.Id, credentials.Device, cancellationToken);

        // Whoever disables an account or changes its password does so first and ends its sessions then: this one may have come in between.
        if (await accounts.FindAsync(name, cancellationToken) is not { Account.IsEnabled: true } now
            || now.Account.Id != account.Id || now.Hash != hash)
        {
            await sessions.EndAsync(grant.Token, CancellationToken.None);
            throw Failed("the account has changed meanwhile");
        }

        if (isWeak)
            await accounts.RehashAsync(account.Id, hash, passwords.Hash(credentials.Password), cancellationToken);
        await audit.WriteAsync(new AuditEvent(
            Caller.Account(account.Name).Owner, "session.begin",
            string.Create(CultureInfo.InvariantCulture, $"session:{grant.Session.Id}"), address, credentials.Device));
        return (account, grant);
    }

    private async Task<(Account Account, Secret Hash, bool IsWeak)> VerifyAsync(
        PlainName name, Secret password, string address, Accounts accounts, SignInAttempts attempts, CancellationToken cancellationToken)
    {
        using var turn = await queue.EnterAsync(cancellationToken);
        var attempt = await attempts.ReserveAsync(name, address, cancellationToken);
        if (attempt.Wait is { } wait)
            throw new IdentityException(IdentityError.SignInLocked, "Too many passwords have been wrong.") { RetryAfter = wait };

        var found = await accounts.FindAsync(name, cancellationToken);
        var match = passwords.Verify(found?.Hash, password);
        if (match != PasswordMatch.No && found is { Account.IsEnabled: true } known)
        {
            await attempts.ForgetAsync(name, address, cancellationToken);
            return (known.Account, known.Hash, match == PasswordMatch.YesButWeak);
        }

        // No more than the counts let through, and a lock once: an attacker does not fill the book. A name that nobody has may be somebody's
        // password, typed into the wrong field.
        var whose = found?.Account.Name ?? "unknown";
        await audit.WriteAsync(new AuditEvent("", "signin.fail", whose, address));
        if (attempt.IsLast)
            await audit.WriteAsync(new AuditEvent("", "signin.lock", whose, address));
        await attempts.SweepAsync(CancellationToken.None);
        throw Failed("name or password is wrong");
    }

    private static IdentityException Failed(string reason) => new(IdentityError.SignInFailed, $"Nobody was let in: {reason}.");
}
