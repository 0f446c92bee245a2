using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using OssProxy.Core.FileTypes;
using OssProxy.Core.Oss;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;
using OssProxy.Core.Uploads;

namespace OssProxy.Core.Grants;

/// <summary>
/// What every grant has in common: the upload policy of a class and a caller decides what may come, and a row is written before anybody hears
/// of it. Costs the reading of the class, where one is named, and one write.
/// </summary>
/// <param name="oss">Null where the main store is no OSS: only our own gateway takes forms then.</param>
public sealed class GrantTerms(
    UploadGrants grants, UploadPolicies policies, ObjectStores stores, IOptions<GrantOptions> options, TimeProvider time, OssClient? oss = null)
{
    /// <summary>The largest object whose attributes the store can be asked to put right (OSS API reference: CopyObject).</summary>
    public const long MostToMend = 1L << 30;

    // After the end of a grant: for answers that are on their way, and for clocks that go apart.
    internal static readonly TimeSpan FirstLookAfter = TimeSpan.FromSeconds(30);

    private readonly GrantOptions _options = options.Value;

    /// <summary>The OSS that clients send to.</summary>
    /// <exception cref="GrantException"><see cref="GrantError.DirectUploadOff"/>.</exception>
    internal OssClient Oss => oss ?? throw new GrantException(GrantError.DirectUploadOff, "The main store is no OSS.");

    internal bool HasOss => oss is not null;

    /// <summary>Whether clients may send to the store by themselves.</summary>
    internal bool LetsClientsGo => HasOss && _options.Via != "gateway";

    /// <exception cref="GrantException"><see cref="GrantError.DirectUploadOff"/>: they may not.</exception>
    internal void RequireDirect()
    {
        if (!LetsClientsGo)
            throw new GrantException(GrantError.DirectUploadOff, "The main store is no OSS, or clients are to come to us (Grants:Via).");
    }

    internal NamedStore Store => stores.Main;

    internal GrantOptions Options => _options;

    /// <summary>The time by the store's clock, where there is one.</summary>
    internal DateTimeOffset Now => oss?.Now ?? time.GetUtcNow();

    /// <summary>What the class takes from this sender now.</summary>
    /// <exception cref="UploadException">As <see cref="UploadPolicies.ForAsync"/>.</exception>
    internal Task<UploadPolicy> PolicyAsync(Sender sender, long classId, CancellationToken cancellationToken) =>
        policies.ForAsync(policies.MainDoor(1, transfer: null, sender), classId, cancellationToken);

    /// <summary>What the class takes of what goes to the store by itself.</summary>
    /// <exception cref="UploadException">As <see cref="UploadPolicies.ForAsync"/>.</exception>
    /// <exception cref="GrantException"><see cref="GrantError.ClassTreatsPictures"/>: nothing does, what comes has to pass us.</exception>
    internal async Task<UploadPolicy> GrantedPolicyAsync(Sender sender, long classId, CancellationToken cancellationToken)
    {
        var policy = await PolicyAsync(sender, classId, cancellationToken);
        return policy.Treatment is { Process: null, HeicToJpeg: false } or null
            ? policy
            : throw new GrantException(GrantError.ClassTreatsPictures, $"Class {classId} treats pictures before they are stored.");
    }

    /// <summary>What a class takes from this sender, for a file that has been let in before.</summary>
    internal Task<UploadPolicy> PolicyOfStoredAsync(Sender sender, long classId, CancellationToken cancellationToken) =>
        policies.OfStoredAsync(policies.MainDoor(1, transfer: null, sender), classId, cancellationToken);

    /// <summary>Whether a grant's objects are in the store that there is now.</summary>
    internal bool HasStoreOf(UploadGrant grant) => grant.Store == Store.Name && grant.Bucket == Store.Bucket;

    /// <exception cref="StoreException"><see cref="StoreError.StoreMisconfigured"/>: they are not.</exception>
    internal void RequireStoreOf(UploadGrant grant)
    {
        if (!HasStoreOf(grant))
            throw new StoreException(StoreError.StoreMisconfigured, $"The grant is for a bucket '{grant.Bucket}' that this configuration does not have.");
    }

    /// <summary>The time by our own clock.</summary>
    internal DateTimeOffset OwnNow => time.GetUtcNow();

    /// <summary>The time by the store's clock as its last answer has shown it.</summary>
    internal DateTimeOffset StoreNow => time.GetUtcNow() + (oss?.MeasuredClockOffset ?? TimeSpan.Zero);

    /// <summary>How large the file may be.</summary>
    /// <param name="most">Most bytes that this way can take.</param>
    /// <exception cref="UploadException"><see cref="UploadError.FileTooLarge"/>, <see cref="UploadError.FileEmpty"/>.</exception>
    internal static SizeRange SizeOf(UploadPolicy policy, GrantRequest request, long most)
    {
        most = Math.Min(policy.MaxFileBytes, Math.Min(most, OssObjects.MaxPutBytes));
        if (request.Size is not { } size)
            return new SizeRange(1, most);
        if (size < 1)
            throw new UploadException(UploadError.FileEmpty, "The file has no bytes.");
        if (size > most)
            throw new UploadException(UploadError.FileTooLarge, $"A file is larger than {most} bytes.") { Limit = most };
        return new SizeRange(size, size);
    }

    /// <summary>The type that the file will be stored as, by its name or by what the client takes it for. What it is in truth is looked at
    /// when it has come.</summary>
    /// <exception cref="UploadException"><see cref="UploadError.TypeNotAllowed"/>.</exception>
    internal static FileType TypeOf(UploadPolicy policy, GrantRequest request)
    {
        var extension = request.Name?.Extension;
        var fit = FileTypeCatalog.All.Where(policy.Types.Contains).Where(type => extension is not null && type.Extensions.Contains(extension)).ToList();
        var named = FileTypeCatalog.All.Where(policy.Types.Contains).Where(type => Same(type.MediaType, request.MediaType)).ToList();
        return fit.Find(named.Contains) ?? fit.FirstOrDefault() ?? (extension is null ? named.FirstOrDefault() : null)
            ?? throw new UploadException(UploadError.TypeNotAllowed, "Neither the name nor the type of the file is one that the class takes.");
    }

    /// <summary>How long an upload may be begun with these credentials.</summary>
    internal TimeSpan LifetimeOf(TimeSpan? asked, OssCredentials? credentials)
    {
        var life = asked ?? _options.Lifetime;
        if (life > GrantOptions.LongestLife)
            life = GrantOptions.LongestLife;
        return credentials?.ExpiresAt is { } end && end - Now < life ? TimeSpan.FromSeconds(Math.Max(1, Math.Floor((end - Now).TotalSeconds))) : life;
    }

    /// <summary>A signed URL as somebody outside can reach it: an address inside the region's network is none for clients, and no signature
    /// holds the host.</summary>
    internal Uri Outside(Uri signed)
    {
        var inside = signed.OriginalString;
        var target = inside[inside.IndexOf('/', inside.IndexOf("://", StringComparison.Ordinal) + 3)..];
        var host = _options.Host.Length > 0 ? _options.Host : Oss.Endpoint.PublicBaseUrl;
        return new Uri(new Uri(host).GetLeftPart(UriPartial.Authority) + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
    }

    /// <summary>The store's own address as clients reach it, without the bucket; SDKs put that in front by themselves.</summary>
    internal string EndpointOutside()
    {
        var endpoint = Oss.Endpoint;
        var outside = new Uri(endpoint.PublicBaseUrl);
        return endpoint.Style == OssAddressing.Virtual
            ? $"{outside.Scheme}://{outside.Authority[(endpoint.Bucket.Length + 1)..]}" : outside.GetLeftPart(UriPartial.Authority);
    }

    /// <summary>A token that nobody guesses.</summary>
    internal static string NewToken() => RandomNumberGenerator.GetHexString(UploadGrants.TokenLength, lowercase: true);

    /// <summary>Remembers the grant, before anybody is told of it.</summary>
    internal Task<long> ClaimAsync(
        string token, GrantKind kind, string path, UploadPolicy policy, GrantRequest request, SizeRange size, TimeSpan lifetime,
        CancellationToken cancellationToken) =>
        ClaimAsync(Describe(token, kind, path, policy, request, size, lifetime), lifetime, cancellationToken);

    /// <inheritdoc cref="ClaimAsync(string, GrantKind, string, UploadPolicy, GrantRequest, SizeRange, TimeSpan, CancellationToken)"/>
    internal Task<long> ClaimAsync(NewGrant grant, TimeSpan lifetime, CancellationToken cancellationToken) =>
        grants.AddAsync(grant, lifetime + FirstLookAfter, _options.MaxOpen, cancellationToken);

    internal static NewGrant Describe(
        string token, GrantKind kind, string path, UploadPolicy policy, GrantRequest request, SizeRange size, TimeSpan lifetime) =>
        new(token, kind, policy.Store.Name, policy.Store.Bucket, path, GrantSender.Write(request.Sender), request.Sender.Owner, request.Sender.CountedAs)
        {
            ClassId = policy.NamedClassId,
            MinBytes = size.Min,
            MaxBytes = size.Max,
            OriginalName = request.Name?.Value,
            Lifetime = lifetime,
        };

    private static bool Same(string mediaType, string? asked) =>
        asked is not null && mediaType.Equals(asked.Split(';')[0].Trim(), StringComparison.OrdinalIgnoreCase);
}
