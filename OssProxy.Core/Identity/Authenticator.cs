using Microsoft.Extensions.Options;
using OssProxy.Core.Records;

namespace OssProxy.Core.Identity;

/// <summary>
/// Turns a token into a caller. Which sort it is shows in its beginning, so no token is tried with two; a sort that is switched off is like
/// one that was never made. Costs a SHA-256 for the admin key, a signature for a JWT, a SHA-256 and at most one read a second for sessions
/// and API keys.
/// </summary>
/// <param name="sessions">Null where no records are kept.</param>
/// <param name="keys">Null likewise.</param>
public sealed class Authenticator(IOptions<AuthOptions> options, JwtVerifier jwt, Sessions? sessions = null, ApiKeys? keys = null)
{
    // A header is 32 KiB at most in all, a cookie 4.
    private const int LongestToken = 8 * 1024;

    private readonly AuthOptions _options = options.Value;

    /// <summary>Whose token it is.</summary>
    /// <exception cref="IdentityException"><see cref="IdentityError.TokenInvalid"/>, <see cref="IdentityError.TokenExpired"/>,
    /// <see cref="IdentityError.UserDisabled"/>.</exception>
    /// <exception cref="RecordsException">The database cannot be reached.</exception>
    public ValueTask<Caller> IdentifyAsync(Secret token, CancellationToken cancellationToken)
    {
        if (token.Length <= LongestToken)
        {
            if (_options.Sessions && sessions is not null && TokenShape.Fits(token, TokenShape.Session))
                return new ValueTask<Caller>(sessions.FindAsync(token, cancellationToken));
            if (_options.ApiKeys && keys is not null && TokenShape.Fits(token, TokenShape.ApiKey))
                return new ValueTask<Caller>(keys.FindAsync(token, cancellationToken));
            if (!_options.AdminKey.IsEmpty && token == _options.AdminKey)
                return new ValueTask<Caller>(Caller.Admin);
            if (token.Reveal().Count('.') == 2)
                return new ValueTask<Caller>(jwt.Verify(token));
        }

        throw new IdentityException(IdentityError.TokenInvalid, "The token is none of ours.");
    }

    /// <summary>Refuses who was let in with a token that has been revoked since, or has been disabled. A token that has run out by itself was
    /// good when its bearer began, and nobody can begin a long upload later than they did.</summary>
    /// <param name="token">Empty for who has shown none.</param>
    /// <exception cref="IdentityException"><see cref="IdentityError.TokenInvalid"/>, <see cref="IdentityError.UserDisabled"/>.</exception>
    /// <exception cref="RecordsException">The database cannot be reached.</exception>
    public async ValueTask RequireStillAsync(Secret token, CancellationToken cancellationToken)
    {
        try
        {
            if (!token.IsEmpty)
                await IdentifyAsync(token, cancellationToken);
        }
        catch (IdentityException failure) when (failure.Error == IdentityError.TokenExpired)
        {
        }
    }
}
