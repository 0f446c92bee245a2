using OssProxy.Core.Grants;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Goods;

/// <summary>Who publishes, and from where.</summary>
/// <param name="Owner">Whose the goods and their images are.</param>
/// <param name="Origin">The origin of this server, as the client reaches it.</param>
/// <param name="GatewayUrl">The address of the gateway, likewise.</param>
public sealed record Publisher(string Owner, string Origin, string GatewayUrl)
{
    /// <summary>Whether images of others may be shown as well.</summary>
    public bool UsesAnyImage { get; init; }
}

/// <summary>
/// The images that goods may show: ours, whole, not deleted and the publisher's. What was uploaded by a grant and has not been reported by
/// anybody yet is settled here, so that a client which uploads and publishes needs nothing in between. Costs one look at the records for each
/// image, and its settling where that has not happened.
/// </summary>
public sealed class GoodsImages(OwnAddresses addresses, GrantConfirmation confirmation, UploadGrants grants, ObjectStores stores)
{
    /// <summary>The records of images, in the order in which they are told.</summary>
    /// <exception cref="GoodsException">Which of them is refused; an image of somebody else's is refused like one that is not there.</exception>
    /// <exception cref="GrantException"><see cref="GrantError.ObjectAltered"/>, while settling.</exception>
    /// <exception cref="RecordsException">The database, or what it counts.</exception>
    /// <exception cref="StoreException">The store, while settling; another try may succeed.</exception>
    public async Task<IReadOnlyList<ImageRecord>> RequireAsync(
        IReadOnlyList<string> urls, Publisher publisher, CancellationToken cancellationToken)
    {
        // All are looked at before the first is settled: what cannot be published should not have been touched.
        var places = new List<StoredPlace>(urls.Count);
        foreach (var url in urls)
        {
            var place = addresses.Find(url, publisher.Origin, publisher.GatewayUrl) ?? throw Refused(GoodsError.GoodsImageElsewhere, places.Count);
            places.Add(places.Contains(place) ? throw Refused(GoodsError.GoodsImageRepeated, places.Count) : place);
        }

        var images = new List<ImageRecord>(places.Count);
        foreach (var place in places)
        {
            var image = await FindAsync(place, publisher, cancellationToken);
            images.Add(image is { DeletedAt: null } && (publisher.UsesAnyImage || image.Owner == publisher.Owner)
                ? image : throw Refused(GoodsError.GoodsImageMissing, images.Count));
        }

        return images;
    }

    private async Task<ImageRecord?> FindAsync(StoredPlace place, Publisher publisher, CancellationToken cancellationToken)
    {
        if (place.Store == stores.Main)
        {
            try
            {
                return await confirmation.ConfirmAsync(token: null, place.Key, publisher.Owner, cancellationToken);
            }
            catch (RecordsException failure) when (failure.Error == RecordsError.KeyTaken)
            {
                // Deleted, by whom it may concern.
                return null;
            }
            catch (GrantException failure) when (failure.Error is GrantError.GrantNotFound or GrantError.ObjectMissing)
            {
                // Not by a grant of the publisher's: an upload through us, somebody else's, or none.
            }
        }

        return await grants.RecordOfAsync(place.Store.Name, place.Store.Bucket, place.Key, cancellationToken);
    }

    private static GoodsException Refused(GoodsError error, int index) =>
        new(error, $"Image {index + 1} of the goods is refused.") { Position = index + 1 };
}
