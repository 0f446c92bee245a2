using OssProxy.Core.Grants;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Goods;

/// <summary>A place in a store.</summary>
public sealed record StoredPlace(NamedStore Store, ObjectKey Key);

/// <summary>
/// The addresses under which clients know our objects: the links that records hold, the host that forms are posted to, from which clients make
/// the address by themselves, the gateway, and our own route to the local disk. What is found is a key and no more; whether anything
/// is there, and whose, has to be asked of the records.
/// </summary>
public sealed class OwnAddresses(ObjectStores stores, GrantTerms terms)
{
    // The route serves the disk whatever its links say.
    private static readonly ObjectLinks LocalRoute = new("/public/uploads");

    /// <summary>What an address leads to; null when it is none of ours.</summary>
    /// <param name="origin">Of this server, as the client reaches it.</param>
    /// <param name="gatewayUrl">Of the gateway, likewise.</param>
    public StoredPlace? Find(string text, string origin, string gatewayUrl)
    {
        if (!FileAddress.TryParse(text, out var address) || !FileAddress.TryParse(origin, out var self) || self.Origin is not { } here)
            return null;

        // One base may lie below another: the longer one is meant, and leaves the shorter key.
        return Bases(gatewayUrl)
            .Select(one => one.Links.KeyOf(address, here) is { } key ? new StoredPlace(one.Store, key) : null)
            .OfType<StoredPlace>().MinBy(place => place.Key.Value.Length);
    }

    private IEnumerable<(NamedStore Store, ObjectLinks Links)> Bases(string gatewayUrl)
    {
        yield return (stores.Main, stores.Main.Links);
        yield return (stores.Main, new ObjectLinks(gatewayUrl));
        yield return (stores.Local, stores.Local.Links);
        yield return (stores.Local, LocalRoute);
        if (!terms.HasOss)
            yield break;
        yield return (stores.Main, new ObjectLinks(terms.Oss.Endpoint.PublicBaseUrl));
        if (terms.Options.Host.Length > 0)
            yield return (stores.Main, new ObjectLinks(terms.Options.Host));
    }
}
