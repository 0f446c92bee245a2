namespace OssProxy.Core.Oss;

/// <summary>Who signs. Blanks around id and secret are dropped, as the official SDKs do: they come from copying.</summary>
/// <param name="accessKeyId">The public half; <c>STS.…</c> for temporary credentials.</param>
/// <param name="accessKeySecret">The secret half; never sent, never printed.</param>
/// <param name="securityToken">The token of temporary credentials; null or empty for a permanent key.</param>
public sealed class OssCredentials(string accessKeyId, string accessKeySecret, string? securityToken)
{
    public string AccessKeyId { get; } = accessKeyId.Trim();

    public string AccessKeySecret { get; } = accessKeySecret.Trim();

    public string? SecurityToken { get; } = string.IsNullOrWhiteSpace(securityToken) ? null : securityToken.Trim();

    /// <summary>When the service stops accepting them; null for a permanent key, and where nobody has told.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    public override string ToString() => $"{AccessKeyId}:***";
}
