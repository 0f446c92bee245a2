namespace OssProxy.Core.Identity;

/// <summary>Why somebody may not come in, or not now. The names are stable and appear as <c>errorCode</c>.</summary>
public enum IdentityError
{
    /// <summary>The request carries no token.</summary>
    TokenMissing,

    /// <summary>The token is none of ours, or has been revoked.</summary>
    TokenInvalid,

    /// <summary>The token was good once.</summary>
    TokenExpired,

    /// <summary>The user, or the console account, has been disabled or is no longer there.</summary>
    UserDisabled,

    /// <summary>The door is for known users, and a guest stands there.</summary>
    GuestNotAllowed,

    /// <summary>The door is for admins, and somebody else stands there.</summary>
    AdminRequired,

    /// <summary>The API key was not made for this route, or not for this class.</summary>
    ScopeMissing,

    /// <summary>Nobody can be an admin: there is no admin key, no account and no API key.</summary>
    AdminKeyNotConfigured,

    /// <summary>The browser's cookie came with a request that another site caused, or with a form that lacks its token.</summary>
    OriginRefused,

    /// <summary>The deployment lets nobody sign in with name and password.</summary>
    SignInOff,

    /// <summary>User name or password is wrong.</summary>
    SignInFailed,

    /// <summary>Too many wrong passwords; more are not looked at for a while.</summary>
    SignInLocked,

    /// <summary>The caller, or the address it comes from, asks too often.</summary>
    TooManyRequests,

    /// <summary>The caller, or the address it comes from, has as many uploads open as it may have.</summary>
    TooManyOpenUploads,

    /// <summary>No such session, or another user's.</summary>
    SessionNotFound,

    /// <summary>No such user.</summary>
    UserNotFound,

    /// <summary>No mini-program of this provider and app id is configured.</summary>
    AppUnknown,

    /// <summary>The provider does not know the code: it is wrong, too old, or another app's.</summary>
    CodeInvalid,

    /// <summary>The code has been used before.</summary>
    CodeUsed,

    /// <summary>The provider has blocked the user as a risk.</summary>
    UserBlocked,

    /// <summary>The provider says that this user signs in too often.</summary>
    ProviderThrottled,

    /// <summary>The provider is busy and asks to come back.</summary>
    ProviderBusy,

    /// <summary>The provider cannot be reached, or its answer is not one of its own.</summary>
    ProviderFailed,

    /// <summary>The provider did not answer in time.</summary>
    ProviderTimedOut,

    /// <summary>The provider does not accept the app id, the secret or the key that are configured.</summary>
    ProviderMisconfigured,
}

/// <summary>A request that was turned away at the door. The message is for the log and holds no secret.</summary>
public sealed class IdentityException(IdentityError error, string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Why.</summary>
    public IdentityError Error { get; } = error;

    /// <summary>When it may be worth another try; null where time changes nothing.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
