namespace OssProxy.Core.Oss;

/// <summary>The one pair of keys that the configuration names, with its token where it has one.</summary>
public sealed class OssKey(OssCredentials credentials) : IOssCredentialsSource
{
    public OssKey(OssOptions options)
        : this(new OssCredentials(options.AccessKeyId, options.AccessKeySecret, options.SecurityToken))
    {
    }

    public ValueTask<OssCredentials> GetAsync(CancellationToken cancellationToken) => new(credentials);

    public bool Discard(OssCredentials refused) => false;
}
