using System.Text.Json.Serialization;
using OssProxy.Core.Records;

namespace OssProxy.Api.Library;

/// <summary>An image as the console of the shop knows it: its class twice by id, once whole, and no times.</summary>
/// <param name="Path">The key; empty for a URL that was registered.</param>
/// <param name="Status">1 when it is enabled, else 0.</param>
public sealed record ShopImage(
    [property: JsonPropertyName("id")] long Id,
    [property: JsonPropertyName("image_class_id")] long ClassId,
    [property: JsonPropertyName("path")] string Path,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("url")] string Url,
    [property: JsonPropertyName("order")] int Order,
    [property: JsonPropertyName("status")] int Status,
    [property: JsonPropertyName("imageClassId")] long SameClassId,
    [property: JsonPropertyName("image_class")] ClassRow Class)
{
    internal static ShopImage Of(ImageRecord image, ClassRow its) => new(
        image.Id, image.ClassId, image.Path, image.Name, image.Url, image.Order, image.Enabled ? 1 : 0, image.ClassId, its);
}

/// <summary>A page of images.</summary>
/// <param name="TotalCount">How many there are in all.</param>
public sealed record ImageList<TImage>(
    [property: JsonPropertyName("list")] IReadOnlyList<TImage> List,
    [property: JsonPropertyName("totalCount")] long TotalCount);
