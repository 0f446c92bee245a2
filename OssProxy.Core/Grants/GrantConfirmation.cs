using OssProxy.Core.Records;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Grants;

/// <summary>What a client says it has uploaded, for whom it may say so. Somebody else's grant is not there, whether there is one or not.</summary>
public sealed class GrantConfirmation(UploadGrants grants, GrantSettlement settlement, GrantTerms terms)
{
    /// <summary>The grant with this token, if it is this caller's.</summary>
    /// <param name="owner">Whose files the caller's are; empty for who is not known, who has nothing but the token.</param>
    /// <exception cref="GrantException"><see cref="GrantError.GrantNotFound"/>.</exception>
    public async Task<UploadGrant> FindAsync(string token, string owner, CancellationToken cancellationToken)
    {
        var grant = token.Length == UploadGrants.TokenLength ? await grants.FindAsync(token, cancellationToken) : null;
        return grant is not null && (!IsOwned(grant.Owner) || grant.Owner == owner) ? grant : throw NotFound();
    }

    /// <summary>The record of what has been uploaded.</summary>
    /// <param name="token">The grant's; null where the key alone is told.</param>
    /// <param name="key">The object's; null where the grant names it.</param>
    /// <exception cref="GrantException"><see cref="GrantError.GrantNotFound"/>, and as <see cref="GrantSettlement.SettleAsync"/>.</exception>
    public async Task<ImageRecord> ConfirmAsync(string? token, ObjectKey? key, string owner, CancellationToken cancellationToken)
    {
        if (token is not null)
        {
            var grant = await FindAsync(token, owner, cancellationToken);
            var named = key ?? (grant.IsPrefix ? throw new GrantException(GrantError.KeyNotGranted, "The grant is for many keys, and none is told.") : ObjectKey.Parse(grant.Path));
            return await settlement.SettleAsync([grant], named, isLast: false, cancellationToken);
        }

        return key is null ? throw NotFound() : await ByKeyAsync(key, owner, cancellationToken);
    }

    /// <summary>The record of an object that the store reports; null where there is no such grant, or none any more. A report may come twice at any
    /// time, and whoever orders one says what is in it: without a grant it proves nothing, and gets to know nothing.</summary>
    /// <exception cref="GrantException">As <see cref="ConfirmAsync"/>.</exception>
    public async Task<ImageRecord?> ReportAsync(string token, string bucket, ObjectKey key, CancellationToken cancellationToken) =>
        bucket == terms.Store.Bucket && await grants.FindAsync(token, cancellationToken) is { } grant
            ? await settlement.SettleAsync([grant], key, isLast: false, cancellationToken)
            : null;

    /// <summary>Has the keeper look at a grant at once, and record what it finds whatever is configured for what nobody reports; false when
    /// there is no such grant any more.</summary>
    public Task<bool> LookSoonAsync(string token, CancellationToken cancellationToken) => grants.LookNowAsync(token, isReported: true, cancellationToken);

    private async Task<ImageRecord> ByKeyAsync(ObjectKey key, string owner, CancellationToken cancellationToken)
    {
        if (!IsOwned(owner))
            throw NotFound();
        var store = terms.Store;
        var own = (await grants.CoveringAsync(store.Name, store.Bucket, key, cancellationToken)).Where(grant => grant.Owner == owner).ToList();
        if (own.Count > 0)
            return await settlement.SettleAsync(own, key, isLast: false, cancellationToken);

        return await grants.RecordOfAsync(store.Name, store.Bucket, key, cancellationToken) is { DeletedAt: null } record && record.Owner == owner
            ? record : throw NotFound();
    }

    // A guest's name is a claim, and no guest's alone.
    private static bool IsOwned(string owner) => owner.Length > 0 && !owner.StartsWith("guest:", StringComparison.Ordinal);

    private static GrantException NotFound() => new(GrantError.GrantNotFound, "There is no such grant, or it is another's.");
}
