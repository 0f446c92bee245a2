namespace OssProxy.Core.Oss;

/// <summary>
/// Whose credentials sign a request. Asked for every attempt and every URL, so that credentials which end are followed by others without
/// anybody starting anew; what is at hand is given without waiting. Safe for use by many at once.
/// </summary>
public interface IOssCredentialsSource
{
    /// <summary>The credentials of this moment; never ones that have expired.</summary>
    /// <exception cref="OssTransportException"><see cref="OssTransportError.CredentialsRefused"/> or
    /// <see cref="OssTransportError.CredentialsUnavailable"/>: there are none.</exception>
    ValueTask<OssCredentials> GetAsync(CancellationToken cancellationToken);

    /// <summary>Hears that the store does not accept these any more. True when the next ones will be others, so that another attempt makes
    /// sense; a source whose credentials never change says false.</summary>
    bool Discard(OssCredentials refused);
}
