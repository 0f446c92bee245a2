using OssProxy.Core.Records;
using OssProxy.Core.Sts;
using OssProxy.Core.Uploads;

namespace OssProxy.Core.Grants;

/// <summary>Temporary credentials that were given to somebody.</summary>
/// <param name="Token">The grant's name.</param>
/// <param name="Folder">What the keys must begin with, a slash at its end.</param>
/// <param name="Endpoint">Where the store is, as clients reach it: scheme and host, without the bucket.</param>
/// <param name="MaxBytes">Larger files are removed when they are found: no session policy can forbid them.</param>
public sealed record StsGrant(
    string Token, TemporaryCredentials Temporary, string Folder, string Bucket, string Region, string Endpoint, long MaxBytes)
{
    /// <summary>Where the store is to call when an upload has ended, and with what; null where nobody is called.</summary>
    public (string Url, string Body)? Callback { get; init; }
}

/// <summary>
/// Lets somebody go to the store with credentials of their own, for as long as <c>Sts:Duration</c> says and below their own folder alone:
/// putting, in parts as well, and nothing else. What such credentials cannot be bound to, size and type, is looked at when the
/// object is reported or found.
/// </summary>
/// <param name="credentials">Null where the main store is no OSS.</param>
public sealed class StsGrants(GrantTerms terms, CallbackAddress callbackAddress, ClientCredentials? credentials = null)
{
    /// <summary>Whether there is a role and a store for it.</summary>
    public bool IsConfigured => terms.LetsClientsGo && credentials?.IsConfigured == true;

    /// <exception cref="UploadException">The class takes nothing from this sender.</exception>
    /// <exception cref="StsException">There are none to be had.</exception>
    /// <exception cref="GrantException"><see cref="GrantError.DirectUploadOff"/>.</exception>
    /// <exception cref="RecordsException"><see cref="RecordsError.TooManyGrants"/>, <see cref="RecordsError.DailyLimitReached"/>.</exception>
    public async Task<StsGrant> GiveAsync(GrantRequest request, CancellationToken cancellationToken)
    {
        terms.RequireDirect();
        var oss = terms.Oss;
        var policy = await terms.GrantedPolicyAsync(request.Sender, request.ClassId, cancellationToken);
        var size = GrantTerms.SizeOf(policy, request with { Size = null }, GrantTerms.MostToMend);
        var folder = $"{terms.Options.Prefix}/{OwnerFolder.Of(request.Sender)}/";

        // The row first: whoever has too many is not worth asking the service for.
        var token = GrantTerms.NewToken();
        await terms.ClaimAsync(token, GrantKind.Sts, folder, policy, request, size, credentials!.Duration, cancellationToken);
        var temporary = await credentials.ForAsync(folder, policy.Store.Bucket, folder, cancellationToken);
        return new StsGrant(token, temporary, folder, policy.Store.Bucket, oss.Region, terms.EndpointOutside(), size.Max)
        {
            Callback = callbackAddress() is { } url ? (url, UploadCallback.FactsWith(token)) : null,
        };
    }
}
