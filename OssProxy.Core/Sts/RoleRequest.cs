namespace OssProxy.Core.Sts;

/// <summary>What is asked of STS.</summary>
/// <param name="Duration">How long the credentials live.</param>
/// <param name="Policy">What they are good for at most, beside what the role allows; null for all of that.</param>
public sealed record RoleRequest(TimeSpan Duration, SessionPolicy? Policy);
