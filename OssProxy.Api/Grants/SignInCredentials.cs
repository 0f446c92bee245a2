using OssProxy.Core.Grants;
using OssProxy.Core.Identity;
using OssProxy.Core.Records;
using OssProxy.Core.Sts;
using OssProxy.Core.Uploads;

namespace OssProxy.Api.Grants;

/// <summary>
/// The temporary credentials that a mini-program gets along with its session, as the first clients expect: for the user's own folder. Who signs
/// in is signed in whether there are any or not; later ones are at <c>/oss/sts</c>.
/// </summary>
/// <param name="sts">Null where no records are kept.</param>
public sealed partial class SignInCredentials(ILogger<SignInCredentials> log, StsGrants? sts = null)
{
    /// <summary>Credentials for a user; null where there is no role, or none to be had now.</summary>
    internal async Task<IReadOnlyDictionary<string, object>?> FindAsync(Caller user, CancellationToken cancellationToken)
    {
        if (sts?.IsConfigured != true)
            return null;
        try
        {
            return StsView.Of(await sts.GiveAsync(new GrantRequest(new Sender(user.Owner, user.Name)), cancellationToken));
        }
        catch (Exception failure) when (failure is StsException or UploadException or RecordsException)
        {
            LogNone(failure);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A user was signed in without temporary credentials, which are not to be had")]
    private partial void LogNone(Exception failure);
}
