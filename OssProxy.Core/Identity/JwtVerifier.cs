using Microsoft.Extensions.Options;

namespace OssProxy.Core.Identity;

/// <summary>Verifies the tokens of another backend.</summary>
public sealed class JwtVerifier(IOptions<AuthOptions> options, TimeProvider time)
{
    private readonly JwtOptions _options = options.Value.Jwt;

    /// <summary>Who has been vouched for.</summary>
    /// <exception cref="IdentityException"><see cref="IdentityError.TokenInvalid"/>, <see cref="IdentityError.TokenExpired"/>,
    /// <see cref="IdentityError.UserDisabled"/>.</exception>
    public Caller Verify(Secret token) =>
        throw new IdentityException(IdentityError.TokenInvalid, $"{_options.Keys.Count} keys, {time.GetTimestamp()}");
}
