using System.Text.Json.Serialization;
using OssProxy.Core.Identity;

namespace OssProxy.Api.Access;

/// <summary>A session that has begun, as clients are told it. The seed's clients keep the session id and send it as their token, the others keep
/// the token: both are the same text.</summary>
/// <param name="ExpiresIn">Seconds from its last use.</param>
/// <param name="Role">In the words of the chat clients; null where they do not ask.</param>
/// <param name="User">Whose it is, as the route's clients know them.</param>
/// <param name="Sts">Temporary credentials for the store; null where there are none.</param>
internal sealed record SessionGrantView(
    [property: JsonPropertyName("sessionId")] string SessionId,
    [property: JsonPropertyName("token")] string Token,
    [property: JsonPropertyName("expiresIn")] long ExpiresIn,
    [property: JsonPropertyName("role"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Role,
    [property: JsonPropertyName("user")] object User,
    [property: JsonPropertyName("deviceId"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? DeviceId,
    [property: JsonPropertyName("sts"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] object? Sts)
{
    public static SessionGrantView Of(SessionGrant grant, object user, string? role = null, string? deviceId = null, object? sts = null)
    {
        var token = grant.Token.Reveal();
        return new SessionGrantView(token, token, (long)grant.Lifetime.TotalSeconds, role, user, deviceId, sts);
    }
}
