namespace OssProxy.Core.Sts;

/// <summary>
/// Temporary credentials for clients that go to OSS by themselves: good for one caller, for one key or what lies below one folder, and for as
/// long as <c>Sts:Duration</c> says. The same caller who asks for the same again is given the same until a third of their life is left, or
/// five minutes; nobody is ever given another caller's.
/// </summary>
public sealed class ClientCredentials
{
    private readonly StsOptions _options;
    private readonly ScopedCredentials _scopes;

    public ClientCredentials(StsClient sts, StsOptions options, TimeProvider time)
    {
        _options = options;

        // Without anybody's token: what one caller breaks off, the others who wait go on waiting for.
        _scopes = new ScopedCredentials(
            scope => sts.AssumeRoleAsync(new RoleRequest(scope.Duration, scope.Policy), CancellationToken.None), time);
    }

    /// <summary>Whether there is a role; without one every call is <see cref="StsError.StsNotConfigured"/>.</summary>
    public bool IsConfigured => _options.IsConfigured;

    /// <summary>The longest that they live.</summary>
    public TimeSpan Duration => _options.Duration;

    /// <summary>For uploading below a folder.</summary>
    /// <param name="caller">Who it is for: an id that no other caller has.</param>
    /// <param name="prefix">The folder, a slash at its end.</param>
    /// <exception cref="StsException">Every <see cref="StsError"/>.</exception>
    public Task<TemporaryCredentials> ForAsync(string caller, string bucket, string prefix, CancellationToken cancellationToken) =>
        ForAsync(caller, SessionPolicy.ForPrefix(bucket, prefix, SessionActions.Upload), cancellationToken);

    /// <summary>For what a policy allows.</summary>
    /// <exception cref="StsException">Every <see cref="StsError"/> but <see cref="StsError.StsScopeInvalid"/>.</exception>
    public async Task<TemporaryCredentials> ForAsync(string caller, SessionPolicy policy, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(caller);
        return IsConfigured
            ? await _scopes.GetAsync(new CredentialScope(caller, policy, _options.Duration), cancellationToken)
            : throw new StsException(StsError.StsNotConfigured, "Sts:RoleArn is empty.");
    }
}
