using System.Globalization;
using System.Text.Json.Serialization;
using OssProxy.Core.Identity;

namespace OssProxy.Api.Access;

/// <summary>A session that has begun, as clients are told it. The seed's clients keep the session id and send it as their token, the others keep
/// the token: both are the same text.</summary>
/// <param name="ExpiresIn">Seconds from its last use.</param>
internal sealed record SessionGrantView(
    [property: JsonPropertyName("sessionId")] string SessionId,
    [property: JsonPropertyName("token")] string Token,
    [property: JsonPropertyName("expiresIn")] long ExpiresIn,
    [property: JsonPropertyName("role")] string Role,
    [property: JsonPropertyName("user")] CallerView User,
    [property: JsonPropertyName("deviceId"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? DeviceId)
{
    public static SessionGrantView Of(SessionGrant grant, CallerView user, string? deviceId = null)
    {
        // The one place where a token leaves.
        var token = grant.Token.Reveal();
        return new SessionGrantView(token, token, (long)grant.Lifetime.TotalSeconds, user.Role, user, deviceId);
    }

    /// <summary>How the book names the session.</summary>
    public static string Subject(SessionGrant grant) => string.Create(CultureInfo.InvariantCulture, $"session:{grant.Session.Id}");
}
