using OssProxy.Api.Access;
using OssProxy.Api.Grants;
using OssProxy.Core.Goods;
using OssProxy.Core.Identity;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;

namespace OssProxy.Api.PublicFiles;

/// <summary>
/// The files of which a caller may have something made: those on the local disk, which are served to everybody; of a bucket, which may be
/// private, the caller's own, and any for an admin. Whoever is not known has no files there, and where no records are kept nobody has.
/// What is found need not be there.
/// </summary>
/// <param name="addresses">Null where no records are kept.</param>
/// <param name="records">Null likewise.</param>
public sealed class CallerFiles(
    ObjectStores stores, GrantDesk grants, OwnAddresses? addresses = null, UploadGrants? records = null)
{
    private static readonly ObjectLinks LocalRoute = new("/public/uploads");

    /// <summary>The file that an address leads to; null when it is none of ours, or none of the caller's.</summary>
    public async Task<StoredPlace?> FindAsync(HttpContext context, string url, CancellationToken cancellationToken) =>
        PlaceOf(context, url) is { } place && await IsOpenAsync(Entry.Of(context).Caller, place, cancellationToken) ? place : null;

    /// <summary>The file of a key, in the main store or else on the local disk; null likewise.</summary>
    public async Task<StoredPlace?> FindAsync(HttpContext context, ObjectKey key, CancellationToken cancellationToken)
    {
        var caller = Entry.Of(context).Caller;
        var main = new StoredPlace(stores.Main, key);
        if (await IsOpenAsync(caller, main, cancellationToken)
            && (main.Store == stores.Local || await main.Store.Store.HeadAsync(key, cancellationToken) is not null))
            return main;
        return main.Store == stores.Local ? null : new StoredPlace(stores.Local, key);
    }

    private StoredPlace? PlaceOf(HttpContext context, string url)
    {
        var here = $"{context.Request.Scheme}://{context.Request.Host}";
        if (addresses is not null)
            return addresses.Find(url, here, grants.GatewayUrl(context));
        if (!FileAddress.TryParse(url, out var address) || !FileAddress.TryParse(here, out var self) || self.Origin is not { } origin)
            return null;
        (NamedStore Store, ObjectLinks Links)[] bases = [(stores.Main, stores.Main.Links), (stores.Local, stores.Local.Links), (stores.Local, LocalRoute)];
        return bases.Select(one => one.Links.KeyOf(address, origin) is { } key ? new StoredPlace(one.Store, key) : null)
            .OfType<StoredPlace>().MinBy(place => place.Key.Value.Length);
    }

    private async Task<bool> IsOpenAsync(Caller caller, StoredPlace place, CancellationToken cancellationToken)
    {
        if (place.Store == stores.Local)
            return true;
        if (records is null)
            return caller.Kind == CallerKind.Admin;

        // All strangers, and all files that came from one, have the same owner: none.
        return await records.RecordOfAsync(place.Store.Name, place.Store.Bucket, place.Key, cancellationToken) is { DeletedAt: null } image
            && (caller.Kind == CallerKind.Admin || (caller.IsKnown && image.Owner == caller.Owner));
    }
}
