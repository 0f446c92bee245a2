using OssProxy.Core.Oss;
using OssProxy.Core.Records;
using OssProxy.Core.Uploads;

namespace OssProxy.Core.Grants;

/// <summary>
/// Gives the grants for one request: forms and puts. Everything in them comes from the class's upload policy and from who asks. A grant for one
/// file pins its key, its type, what a browser does with it, and its size where it is told, and never overwrites; a grant without a file leaves
/// the name to the client, in a folder of its owner alone, for clients that know nothing else.
/// </summary>
public sealed class GrantIssuer(GrantTerms terms, GatewayKey gatewayKey, CallbackAddress callbackAddress)
{
    // A callback's answer comes with 200 whatever is asked; 200 without one as well, so that nobody needs to know whether there is one.
    private const string SuccessStatus = "200";

    // How old the date of a V4 signature may be when the form comes (docs/oss-assumptions.md A18).
    private static readonly TimeSpan OldestFormDate = TimeSpan.FromMinutes(15);

    /// <summary>A form to be posted.</summary>
    /// <exception cref="UploadException">The class takes nothing of the kind.</exception>
    /// <exception cref="GrantException"><see cref="GrantError.DirectUploadOff"/>.</exception>
    /// <exception cref="RecordsException"><see cref="RecordsError.TooManyGrants"/>, <see cref="RecordsError.DailyLimitReached"/>.</exception>
    public async Task<PostGrant> PostAsync(GrantRequest request, CancellationToken cancellationToken)
    {
        var version = request.Version ?? terms.Options.PolicyVersion;
        var byGateway = !terms.HasOss || (request.ByGateway ?? terms.Options.Via == "gateway");
        if (request.ByGateway == false || (byGateway && terms.Options.Via == "direct" && request.ByGateway is null))
            terms.RequireDirect();

        var token = GrantTerms.NewToken();
        var policy = await terms.GrantedPolicyAsync(request.Sender, request.ClassId, cancellationToken);
        var credentials = byGateway ? null : await terms.Oss.Credentials.GetAsync(cancellationToken);

        // Clients that choose their keys send the V1 fields that they know, and the token of temporary credentials is none of them.
        byGateway |= credentials?.SecurityToken is not null && version == PolicyVersion.V1 && !request.IsForOne && request.ByGateway is null
            && terms.Options.Via == "auto";
        if (byGateway || credentials is null)
            credentials = new OssCredentials(GatewayKey.IdOf(token), gatewayKey.Secret, securityToken: null);
        var lifetime = terms.LifetimeOf(request.Lifetime, byGateway ? null : credentials);
        if (version == PolicyVersion.V4 && lifetime > OldestFormDate)
            lifetime = OldestFormDate;
        var expires = (byGateway ? terms.OwnNow : terms.Now) + lifetime;
        var size = GrantTerms.SizeOf(policy, request, request.IsForOne || byGateway ? OssObjects.MaxPutBytes : GrantTerms.MostToMend);
        var bucket = policy.Store.Bucket.Length > 0 ? policy.Store.Bucket : GatewayKey.Region;
        var post = new PostPolicy(expires, bucket, size);
        var callback = byGateway ? null : callbackAddress();

        var file = request.IsForOne ? Named(post, policy, request, token, callback) : null;
        var folder = file is null ? $"{terms.Options.Prefix}/{OwnerFolder.Of(request.Sender)}/" : file.Key.Value[..(file.Key.Value.LastIndexOf('/') + 1)];
        if (file is null)
            post.StartsWith("key", folder);

        var region = byGateway ? GatewayKey.Region : terms.Oss.Region;
        var signed = PostSignature.Sign(post, version, credentials, region, byGateway ? terms.OwnNow : terms.Now);
        var kind = byGateway ? GrantKind.Gateway : GrantKind.Post;
        await terms.ClaimAsync(token, kind, file?.Key.Value ?? folder, policy, request, size, lifetime, cancellationToken);
        return new PostGrant(token, byGateway ? request.GatewayUrl : Host(), folder, signed, size, expires, bucket, region)
        {
            Key = file?.Key,
            Url = file?.Url,
            Callback = callback is null ? null : file is null ? UploadCallback.With(callback, token) : UploadCallback.WithVariable(callback),
        };
    }

    /// <summary>A URL for one put. With V1 signatures the size is not bound, and is looked at when the file has come.</summary>
    /// <exception cref="UploadException">The class takes nothing of the kind.</exception>
    /// <exception cref="GrantException"><see cref="GrantError.DirectUploadOff"/>.</exception>
    /// <exception cref="RecordsException"><see cref="RecordsError.TooManyGrants"/>, <see cref="RecordsError.DailyLimitReached"/>.</exception>
    public async Task<PutGrant> PutAsync(GrantRequest request, CancellationToken cancellationToken)
    {
        terms.RequireDirect();
        var token = GrantTerms.NewToken();
        var oss = terms.Oss;
        var policy = await terms.GrantedPolicyAsync(request.Sender, request.ClassId, cancellationToken);
        var lifetime = terms.LifetimeOf(request.Lifetime, await oss.Credentials.GetAsync(cancellationToken));
        var size = GrantTerms.SizeOf(policy, request, OssObjects.MaxPutBytes);
        var file = GrantedFile.Of(policy, request);

        var query = callbackAddress() is { } callback
            ? new[] { KeyValuePair.Create("callback", UploadCallback.WithVariable(callback)), KeyValuePair.Create("callback-var", UploadCallback.Variable(token)) }
            : [];
        var headers = file.Headers();
        var bound = new List<KeyValuePair<string, string>>(headers);
        if (size.IsExact)
            bound.Add(KeyValuePair.Create("Content-Length", size.Max.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        var address = await oss.Presigner.SignAsync(
            HttpMethod.Put, file.Key, lifetime, new OssUrlTerms { Headers = bound, Query = query, BoundHeaders = ["Content-Disposition", "Content-Length"] },
            cancellationToken);
        await terms.ClaimAsync(token, GrantKind.Put, file.Key.Value, policy, request, size, lifetime, cancellationToken);
        return new PutGrant(token, terms.Outside(address), headers, file.Key, file.Url, terms.Now + lifetime);
    }

    // Everything that the store can be told of one file is pinned, so that nobody else tells it otherwise.
    private static GrantedFile Named(PostPolicy post, UploadPolicy policy, GrantRequest request, string token, string? callback)
    {
        var file = GrantedFile.Of(policy, request);
        post.Pin("key", file.Key.Value).Pin("x-oss-content-type", file.Type.MediaType);
        if (file.Disposition is { } disposition)
            post.Pin("Content-Disposition", disposition);
        post.Pin("x-oss-forbid-overwrite", "true").Pin("x-oss-object-acl", "default").Pin("success_action_status", SuccessStatus);
        if (callback is not null)
            post.Pin("callback", UploadCallback.WithVariable(callback)).Pin(UploadCallback.GrantVariable, token);
        return file;
    }

    private string Host() => terms.Options.Host.Length > 0 ? terms.Options.Host : terms.Oss.Endpoint.PublicBaseUrl.TrimEnd('/');
}
