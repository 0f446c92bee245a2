using Microsoft.Extensions.Options;

namespace OssProxy.Core.Identity;

/// <summary>
/// Verifies the tokens of another backend, without asking it. No claim is looked at before the signature, and the algorithm is the key's: a
/// token that names another, or none, finds no key. Costs one signature for each key that comes into question, which is one where tokens
/// name their keys; nothing is remembered, because a signature is little beside an upload (docs/performance.md).
/// </summary>
public sealed class JwtVerifier(IOptions<AuthOptions> options, TimeProvider time)
{
    private readonly JwtClaims _claims = new(options.Value.Jwt);
    private readonly VerificationKey[] _keys = [.. options.Value.Jwt.Keys.Select(key =>
        VerificationKey.Of(key).Key ?? throw new InvalidOperationException("A key of Auth:Jwt:Keys has passed no check."))];

    /// <summary>Who has been vouched for.</summary>
    /// <exception cref="IdentityException"><see cref="IdentityError.TokenInvalid"/>, <see cref="IdentityError.TokenExpired"/>,
    /// <see cref="IdentityError.UserDisabled"/>.</exception>
    public Caller Verify(Secret token)
    {
        if (_keys.Length == 0)
            throw new IdentityException(IdentityError.TokenInvalid, "No tokens of another backend are accepted.");

        var read = SignedToken.Read(token);
        if (!_keys.Any(key => IsMeant(key, read) && key.HasSigned(read.Signed, read.Signature)))
            throw new IdentityException(IdentityError.TokenInvalid, "No key that the token may be signed with has signed it.");
        return _claims.Read(read.Payload, time.GetUtcNow());
    }

    // A name that no key has is no reason to try the others: it is how a key is retired.
    private static bool IsMeant(VerificationKey key, SignedToken token) =>
        key.Algorithm == token.Algorithm && (token.KeyId is null || key.Id == token.KeyId);
}
