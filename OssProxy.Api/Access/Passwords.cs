using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using OssProxy.Core.Identity;

namespace OssProxy.Api.Access;

/// <summary>What a password is to a hash.</summary>
public enum PasswordMatch
{
    No,
    Yes,

    /// <summary>It is the one, but today its hash would be made with more work.</summary>
    YesButWeak,
}

/// <summary>Passwords as ASP.NET keeps them: salted PBKDF2 with HMAC-SHA512. Each look costs about 100 ms of one processor, on purpose.</summary>
public sealed class Passwords
{
    /// <summary>What OWASP's cheat sheet asks for with HMAC-SHA512 since 2023; the framework's own number is less than half of it.</summary>
    public const int Iterations = 210_000;

    private readonly PasswordHasher<Passwords> _hasher;
    private readonly Secret _nobodys;

    public Passwords()
        : this(Iterations)
    {
    }

    /// <param name="iterations">Fewer for tests, which sign in a hundred times.</param>
    internal Passwords(int iterations)
    {
        _hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = iterations }));

        // Made here, and not when the first unknown name is tried, which would take twice as long.
        _nobodys = Hash(new Secret(Convert.ToHexString(RandomNumberGenerator.GetBytes(32))));
    }

    public Secret Hash(Secret password) => new(_hasher.HashPassword(this, password.Reveal()));

    /// <summary>Compares a password with a hash; with a hash of nobody's where there is none, so that the time tells nothing.</summary>
    public PasswordMatch Verify(Secret? hash, Secret password)
    {
        var result = _hasher.VerifyHashedPassword(this, (hash ?? _nobodys).Reveal(), password.Reveal());
        return hash is null ? PasswordMatch.No : result switch
        {
            PasswordVerificationResult.Success => PasswordMatch.Yes,
            PasswordVerificationResult.SuccessRehashNeeded => PasswordMatch.YesButWeak,
            _ => PasswordMatch.No,
        };
    }
}
