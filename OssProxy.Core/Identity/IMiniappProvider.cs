namespace OssProxy.Core.Identity;

/// <summary>Whom a provider has vouched for.</summary>
/// <param name="Provider">As <see cref="IMiniappProvider.Provider"/>.</param>
/// <param name="AppId">The app in which the user is known by <paramref name="OpenId"/>.</param>
/// <param name="OpenId">The user within the app; never empty.</param>
/// <param name="UnionId">The user within all apps of one owner; null where the provider does not say.</param>
public sealed record MiniappIdentity(string Provider, string AppId, string OpenId, string? UnionId);

/// <summary>
/// One mini-program of one provider. It asks the provider who is behind a code that the mini-program was given, for no longer than its
/// time-out, believes only what the provider has said to this app, keeps nothing of the answer but the ids, and lets neither the code nor a
/// session key nor a secret into a message.
/// </summary>
public interface IMiniappProvider
{
    /// <summary><c>wechat</c>, <c>alipay</c>, <c>douyin</c>.</summary>
    string Provider { get; }

    /// <summary>The app's id at the provider.</summary>
    string AppId { get; }

    /// <summary>Redeems a code. It can be redeemed once.</summary>
    /// <exception cref="IdentityException"><see cref="IdentityError.CodeInvalid"/>, <see cref="IdentityError.CodeUsed"/>,
    /// <see cref="IdentityError.UserBlocked"/>, <see cref="IdentityError.ProviderThrottled"/>, <see cref="IdentityError.ProviderBusy"/>,
    /// <see cref="IdentityError.ProviderFailed"/>, <see cref="IdentityError.ProviderTimedOut"/>,
    /// <see cref="IdentityError.ProviderMisconfigured"/>.</exception>
    Task<MiniappIdentity> RedeemAsync(Secret code, CancellationToken cancellationToken);
}
