namespace OssProxy.Api.Access;

/// <summary>Why somebody may not come in. The names are stable and appear as <c>errorCode</c>.</summary>
public enum AccessError
{
    /// <summary>The request carries no token.</summary>
    TokenMissing,

    /// <summary>The token is not one of ours.</summary>
    TokenInvalid,

    /// <summary>The deployment has set no admin key, so nobody is an admin.</summary>
    AdminKeyNotConfigured,
}

/// <summary>A request that was turned away at the door.</summary>
public sealed class AccessException(AccessError error) : Exception(error.ToString())
{
    /// <summary>Why.</summary>
    public AccessError Error { get; } = error;
}
