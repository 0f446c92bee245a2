using Microsoft.Extensions.Logging;
using OssProxy.Core.Oss;

namespace OssProxy.Core.Sts;

/// <summary>Our own credentials for OSS, where they are temporary: fetched when the first request needs them, renewed by the request that
/// finds them old.</summary>
/// <param name="obtain">Fetches new ones; ends by itself, and throws <see cref="StsException"/>.</param>
internal sealed partial class RenewedCredentials(Func<Task<TemporaryCredentials>> obtain, TimeProvider time, ILogger log) : IOssCredentialsSource
{
    private readonly FreshCredentials _fresh = new(() => TellAsync(obtain, log), time);

    public async ValueTask<OssCredentials> GetAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await _fresh.GetAsync(cancellationToken)).Credentials;
        }
        catch (StsException failure)
        {
            throw new OssTransportException(
                failure.IsPassing ? OssTransportError.CredentialsUnavailable : OssTransportError.CredentialsRefused, failure.Message, failure);
        }
    }

    public bool Discard(OssCredentials refused) => _fresh.Discard(refused.AccessKeyId);

    // A failure that the old ones cover is nobody's answer; without this line it would show only when they end.
    private static async Task<TemporaryCredentials> TellAsync(Func<Task<TemporaryCredentials>> obtain, ILogger log)
    {
        try
        {
            return await obtain();
        }
        catch (StsException failure)
        {
            LogNotRenewed(log, failure.Error, failure.Message);
            throw;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "No new credentials for OSS, {Error}: {Reason}")]
    private static partial void LogNotRenewed(ILogger log, StsError error, string reason);
}
