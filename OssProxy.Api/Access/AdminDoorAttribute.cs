using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.Extensions.Options;
using OssProxy.Api.Envelope;

namespace OssProxy.Api.Access;

/// <summary>Lets in who sends the admin key in the header <c>token</c>. Decides before a byte of the body is read.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class AdminDoorAttribute : Attribute, IAuthorizationFilter, IFailureText
{
    /// <summary>The text for a missing token, where the route's clients wait for one.</summary>
    public string? MissingText { get; init; }

    /// <summary>The text for a wrong token, where the route's clients wait for one.</summary>
    public string? InvalidText { get; init; }

    public void OnAuthorization(AuthorizationFilterContext context)
    {
        var key = context.HttpContext.RequestServices.GetRequiredService<IOptions<AuthOptions>>().Value.AdminKey;
        if (key.Length == 0)
            throw new AccessException(AccessError.AdminKeyNotConfigured);

        var token = context.HttpContext.Request.Headers["token"].ToString();
        if (token.Length == 0)
            throw new AccessException(AccessError.TokenMissing);
        if (!CryptographicOperations.FixedTimeEquals(Digest(token), Digest(key)))
            throw new AccessException(AccessError.TokenInvalid);
    }

    public string Phrase(Failure failure, string text) => failure.Code switch
    {
        nameof(AccessError.TokenMissing) => MissingText ?? text,
        nameof(AccessError.TokenInvalid) => InvalidText ?? text,
        _ => text,
    };

    // Digests have one length, so that the comparison tells nothing about the key's.
    private static byte[] Digest(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
