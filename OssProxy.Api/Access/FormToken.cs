using System.Security.Cryptography;
using System.Text;
using Microsoft.Net.Http.Headers;
using OssProxy.Api.Uploads;
using OssProxy.Core.Identity;

namespace OssProxy.Api.Access;

/// <summary>
/// What shows that a form was made by a page of ours for the session that the cookie names: an HMAC of the session's token, 64 hexadecimal
/// digits. Every node can tell it without a key of its own, it ends with the session, and the token cannot be had from it. It is the second
/// lock beside <see cref="OwnOrigin"/>.
/// </summary>
internal static class FormToken
{
    /// <summary>The header in which a script sends it.</summary>
    public const string Header = "x-csrf-token";

    /// <summary>The field in which the pages of ours send it.</summary>
    public const string Field = "_csrf";

    private static readonly byte[] Purpose = "ossproxy console form"u8.ToArray();

    public static string Of(Secret session) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(session.Reveal()), Purpose));

    /// <summary>Refuses a form without it, before its body. JSON needs none, because no form of another site can send it and no script without
    /// asking first; at the doors for files forms with files need none, because their body is not read before it is known who sends it.</summary>
    /// <exception cref="IdentityException"><see cref="IdentityError.OriginRefused"/>.</exception>
    public static void RequireHeader(HttpContext context, Secret session)
    {
        var takesFiles = context.GetEndpoint()?.Metadata.GetMetadata<UploadDoorAttribute>() is not null;
        if (HttpMethods.IsPost(context.Request.Method) && CanBeForm(context.Request.ContentType, takesFiles))
            Require(session, context.Request.Headers[Header]);
    }

    /// <exception cref="IdentityException"><see cref="IdentityError.OriginRefused"/>.</exception>
    public static void Require(Secret session, string? given)
    {
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given ?? ""), Encoding.UTF8.GetBytes(Of(session))))
            throw new IdentityException(IdentityError.OriginRefused, "A form came with a cookie and without the token of its session.");
    }

    // A body without a type is what scripts can send anywhere, too.
    private static bool CanBeForm(string? contentType, bool takesFiles) =>
        !MediaTypeHeaderValue.TryParse(contentType, out var type)
        || (!type.SubTypeWithoutSuffix.Equals("json", StringComparison.OrdinalIgnoreCase)
            && !(takesFiles && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)));
}
