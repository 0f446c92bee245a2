namespace OssProxy.Core.Identity;

/// <summary>JSON Web Tokens that another backend has signed. Section <c>Auth:Jwt</c>; without keys none is accepted.</summary>
public sealed class JwtOptions
{
    /// <summary>The keys. A token that names a key by <c>kid</c> is tried with that one alone, any other with all of its algorithm, so that keys
    /// can be exchanged without a moment in which good tokens are refused.</summary>
    public IReadOnlyList<JwtKey> Keys { get; set => field = value ?? []; } = [];

    /// <summary>What <c>iss</c> must be; empty for anything.</summary>
    public string Issuer { get; set => field = value ?? ""; } = "";

    /// <summary>What <c>aud</c> must be or hold; empty for anything.</summary>
    public string Audience { get; set => field = value ?? ""; } = "";

    /// <summary>How far the clocks of issuer and server may be apart; 0 to 10 minutes. Default 1 minute.</summary>
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether a token without <c>exp</c> is refused. The chat clients' first server issues such tokens.</summary>
    public bool RequireExpiry { get; set; }

    /// <summary>The claim that tells users apart; text or a whole number. Default <c>id</c>.</summary>
    public string SubjectClaim { get; set => field = value ?? ""; } = "id";

    /// <summary>The claim with a name for people; empty for none.</summary>
    public string NameClaim { get; set => field = value ?? ""; } = "username";

    /// <summary>The claim with the role, one or a list; empty for none.</summary>
    public string RoleClaim { get; set => field = value ?? ""; } = "role";

    /// <summary>The roles that make a guest, separated by commas.</summary>
    public string GuestRoles { get; set => field = value ?? ""; } = "visitor";

    /// <summary>The roles that make an admin, separated by commas; empty for none.</summary>
    public string AdminRoles { get; set => field = value ?? ""; } = "";

    /// <summary>The claim that is 0 or false for a disabled user; empty for none.</summary>
    public string StatusClaim { get; set => field = value ?? ""; } = "status";
}

/// <summary>A key that tokens are signed with.</summary>
public sealed class JwtKey
{
    /// <summary>The key's name in tokens, <c>kid</c>; may be empty.</summary>
    public string Id { get; set => field = value ?? ""; } = "";

    /// <summary><c>HS256</c>, <c>HS384</c>, <c>HS512</c>, <c>RS256</c> or <c>ES256</c>; the token must name the same.</summary>
    public string Algorithm { get; set => field = value ?? ""; } = "HS256";

    /// <summary>With HS…: the shared secret, 16 characters at least.</summary>
    public Secret Secret { get; set; }

    /// <summary>With RS256 and ES256: the public key as PEM, RSA of 2048 bits at least, or P-256.</summary>
    public string PublicKey { get; set => field = value ?? ""; } = "";
}
