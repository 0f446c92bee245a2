using System.Globalization;
using OssProxy.Core.Oss;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;
using OssProxy.Core.Uploads;

namespace OssProxy.Core.Grants;

/// <summary>An upload in parts that a client may send by itself, several at a time.</summary>
/// <param name="Token">The grant's name.</param>
/// <param name="PartBytes">Bytes of every part but the last.</param>
/// <param name="Parts">How many there are.</param>
public sealed record PartGrant(string Token, ObjectKey Key, string Url, long PartBytes, int Parts, long Size, DateTimeOffset ExpiresAt);

/// <summary>A signed URL for one part.</summary>
public sealed record PartAddress(int Number, Uri Address, long Size);

/// <summary>
/// Uploads of a known size in parts. We begin and end them, the client sends what lies between: the plan of the parts is made from the size, every
/// URL is for one part and with V4 for its exact length, and nothing is joined but what the store itself says that it has, as planned.
/// </summary>
public sealed class PartGrants(UploadGrants grants, GrantTerms terms, GrantSettlement settlement)
{
    /// <summary>Most URLs that are signed at once.</summary>
    public const int MostAddresses = 100;

    // A phone that loses its network loses one part. No more than a thousand of them, so that one listing shows all.
    private const long LeastPart = 5L << 20;
    private const int MostParts = 1000;

    private static readonly TimeSpan LongestUpload = TimeSpan.FromDays(1);

    /// <summary>Begins an upload.</summary>
    /// <exception cref="UploadException">The class takes nothing of the kind.</exception>
    /// <exception cref="GrantException"><see cref="GrantError.DirectUploadOff"/>.</exception>
    /// <exception cref="RecordsException"><see cref="RecordsError.TooManyGrants"/>, <see cref="RecordsError.DailyLimitReached"/>.</exception>
    /// <exception cref="StoreException">The store.</exception>
    public async Task<PartGrant> BeginAsync(GrantRequest request, CancellationToken cancellationToken)
    {
        terms.RequireDirect();
        var token = GrantTerms.NewToken();
        var oss = terms.Oss;
        var policy = await terms.GrantedPolicyAsync(request.Sender, request.ClassId, cancellationToken);
        var range = GrantTerms.SizeOf(policy, request, OssObjects.MaxPutBytes);
        var file = GrantedFile.Of(policy, request);
        var lifetime = GrantOptions.LongestLife;
        var partBytes = PartBytesOf(range.Max);

        // The row first: whatever happens between here and there, somebody remembers the key.
        var grant = GrantTerms.Describe(token, GrantKind.Parts, file.Key.Value, policy, request, range, lifetime) with { PartBytes = partBytes };
        var id = await terms.ClaimAsync(grant, lifetime, cancellationToken);
        var settings = new OssObjectSettings { ContentType = file.Type.MediaType, ContentDisposition = file.Disposition, ForbidOverwrite = true };
        var upload = await OssObjectStore.TellAsync(oss.Multipart.InitiateAsync(file.Key, settings, cancellationToken));
        await grants.BeginAsync(id, upload.UploadId, cancellationToken);

        return new PartGrant(token, file.Key, file.Url, partBytes, CountOf(range.Max, partBytes), range.Max, terms.Now + lifetime);
    }

    /// <summary>URLs for some of the parts, each good until the upload has to be joined, or until our own credentials end.</summary>
    /// <param name="numbers">At most <see cref="MostAddresses"/>; those that the upload does not have are passed over.</param>
    public async Task<IReadOnlyList<PartAddress>> AddressesAsync(
        UploadGrant grant, IEnumerable<int> numbers, CancellationToken cancellationToken)
    {
        var count = CountOf(grant.MaxBytes, grant.PartBytes);
        // Who still asks still sends: a phone on a slow line may take longer than an hour.
        var rest = grant.ExpiresAt - grant.ReadAt;
        if (rest < GrantOptions.LongestLife / 2 && grant.ReadAt - grant.CreatedAt < LongestUpload)
        {
            await grants.ProlongAsync(grant.Id, GrantOptions.LongestLife, GrantTerms.FirstLookAfter, cancellationToken);
            rest = GrantOptions.LongestLife;
        }

        if (rest < TimeSpan.FromSeconds(1))
            throw Gone();
        var lifetime = terms.LifetimeOf(TimeSpan.FromSeconds(Math.Floor(rest.TotalSeconds)), await terms.Oss.Credentials.GetAsync(cancellationToken));
        var addresses = new List<PartAddress>();
        foreach (var number in numbers.Distinct().Where(number => number >= 1 && number <= count).Take(MostAddresses))
        {
            var size = SizeOf(grant, number);
            var terms4 = new OssUrlTerms
            {
                Query = [new("partNumber", number.ToString(CultureInfo.InvariantCulture)), new("uploadId", Upload(grant).UploadId)],
                Headers = [new("Content-Length", size.ToString(CultureInfo.InvariantCulture))],
                BoundHeaders = ["Content-Length"],
            };
            var address = await terms.Oss.Presigner.SignAsync(HttpMethod.Put, ObjectKey.Parse(grant.Path), lifetime, terms4, cancellationToken);
            addresses.Add(new PartAddress(number, terms.Outside(address), size));
        }

        return addresses;
    }

    /// <summary>The parts that the store has.</summary>
    /// <exception cref="GrantException"><see cref="GrantError.GrantNotFound"/>: it was joined or aborted.</exception>
    public async Task<IReadOnlyList<OssPart>> ListAsync(UploadGrant grant, CancellationToken cancellationToken)
    {
        var parts = new List<OssPart>();
        try
        {
            await foreach (var part in terms.Oss.Multipart.ListPartsAsync(Upload(grant), cancellationToken))
                parts.Add(part);
        }
        catch (OssException failure) when (failure.Code == "NoSuchUpload")
        {
            throw Gone();
        }
        catch (Exception failure) when (failure is OssException or OssTransportException)
        {
            await OssObjectStore.TellAsync(Task.FromException(failure));
        }

        return parts;
    }

    /// <summary>Joins the parts and records the object. Joined before, it is only recorded.</summary>
    /// <exception cref="GrantException"><see cref="GrantError.PartsMissing"/>, and as <see cref="GrantSettlement.SettleAsync"/>.</exception>
    public async Task<ImageRecord> CompleteAsync(UploadGrant grant, CancellationToken cancellationToken)
    {
        var key = ObjectKey.Parse(grant.Path);
        try
        {
            var parts = await ListAsync(grant, cancellationToken);
            RequirePlan(grant, parts);
            await OssObjectStore.TellAsync(JoinAsync(grant, parts, cancellationToken));
        }
        catch (GrantException failure) when (failure.Error == GrantError.GrantNotFound)
        {
            // Joined before: the client asks again because the answer was lost, or asks twice.
        }

        return await settlement.SettleAsync([grant], key, isLast: false, cancellationToken);
    }

    /// <summary>Gives an upload up. Succeeds when it is gone; what was joined before stays.</summary>
    public async Task AbortAsync(UploadGrant grant, CancellationToken cancellationToken)
    {
        if (grant.UploadId is { } uploadId)
            await OssObjectStore.TellAsync(terms.Oss.Multipart.AbortAsync(grant.Path, uploadId, cancellationToken));

        // A part that is still on its way may survive: the keeper aborts once more.
        await grants.SettleAsync(grant.Id, cancellationToken);
    }

    private async Task JoinAsync(UploadGrant grant, IReadOnlyList<OssPart> parts, CancellationToken cancellationToken)
    {
        try
        {
            await terms.Oss.Multipart.CompleteAsync(Upload(grant), parts, forbidOverwrite: true, cancellationToken);
        }
        catch (OssException failure) when (failure.Code == "NoSuchUpload")
        {
            throw Gone();
        }
    }

    private static long PartBytesOf(long size)
    {
        var least = (size + MostParts - 1) / MostParts;
        const long step = 1L << 20;
        return Math.Max(LeastPart, (least + step - 1) / step * step);
    }

    private static int CountOf(long size, long partBytes) => (int)((size + partBytes - 1) / partBytes);

    private static long SizeOf(UploadGrant grant, int number) => Math.Min(grant.PartBytes, grant.MaxBytes - ((number - 1) * grant.PartBytes));

    private static OssPartUpload Upload(UploadGrant grant) => new(ObjectKey.Parse(grant.Path), grant.UploadId ?? throw Gone());

    private static void RequirePlan(UploadGrant grant, IReadOnlyList<OssPart> parts)
    {
        var count = CountOf(grant.MaxBytes, grant.PartBytes);
        if (parts.Count != count || parts.Where((part, at) => part.Number != at + 1 || part.Length != SizeOf(grant, part.Number)).Any())
            throw new GrantException(GrantError.PartsMissing, $"The store has {parts.Count} of {count} parts, or some of another size.");
    }

    private static GrantException Gone() => new(GrantError.GrantNotFound, "The upload in parts is over.");
}
