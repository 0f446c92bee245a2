namespace OssProxy.Core.Http;

/// <summary>Where requests go.</summary>
/// <param name="IsTls">Whether the scheme is https.</param>
/// <param name="Host">Domain or address, IPv6 without brackets.</param>
/// <param name="Port">1–65535.</param>
public sealed record HttpOrigin(bool IsTls, string Host, int Port);
