using System.Text.Json.Serialization;
using OssProxy.Core.Records;

namespace OssProxy.Api.Library;

/// <summary>An image as the other consoles know it, and as it is exported. The first seven members are the contract, the others were added.
/// Times are <c>2026-01-05 16:15:00</c>; sizes are bytes and pixels, null where nothing is known.</summary>
/// <param name="Path">The key; empty for a URL that was registered.</param>
/// <param name="Status">1 when it is enabled, else 0.</param>
/// <param name="DeletedAt">When it was deleted; null when it was not.</param>
public sealed record ConsoleImage(
    [property: JsonPropertyName("id")] long Id,
    [property: JsonPropertyName("url")] string Url,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("path")] string Path,
    [property: JsonPropertyName("image_class_id")] long ClassId,
    [property: JsonPropertyName("create_time")] string CreateTime,
    [property: JsonPropertyName("update_time")] string UpdateTime,
    [property: JsonPropertyName("order")] int Order,
    [property: JsonPropertyName("status")] int Status,
    [property: JsonPropertyName("size")] long? Size,
    [property: JsonPropertyName("mime")] string Mime,
    [property: JsonPropertyName("width")] int? Width,
    [property: JsonPropertyName("height")] int? Height,
    [property: JsonPropertyName("original_name")] string? OriginalName,
    [property: JsonPropertyName("owner")] string Owner,
    [property: JsonPropertyName("created_by")] string CreatedBy,
    [property: JsonPropertyName("storage")] string Storage,
    [property: JsonPropertyName("bucket")] string Bucket,
    [property: JsonPropertyName("crc64")] string? Crc64,
    [property: JsonPropertyName("sha256")] string? Sha256,
    [property: JsonPropertyName("main_color")] string? MainColor,
    [property: JsonPropertyName("deleted_at")] string? DeletedAt)
{
    internal static ConsoleImage Of(ImageRecord image, ConsoleClock clock) => new(
        image.Id, image.Url, image.Name, image.Path, image.ClassId, clock.Local(image.CreatedAt), clock.Local(image.UpdatedAt), image.Order,
        image.Enabled ? 1 : 0, image.Size, image.MediaType, image.Width, image.Height, image.OriginalName, image.Owner, image.CreatedBy,
        image.Storage, image.Bucket, image.Crc64, image.Sha256, image.MainColor, image.DeletedAt is { } deleted ? clock.Local(deleted) : null);
}
