using System.Text.Json.Serialization;
using OssProxy.Core.Records;

namespace OssProxy.Api.Library;

/// <summary>A class as consoles know it. What a list does not show is left out.</summary>
/// <param name="Pid">The class above; 0 for none.</param>
/// <param name="Status">1 when it is enabled, else 0.</param>
/// <param name="CreateTime"><c>2026-01-05 16:15:00</c>.</param>
/// <param name="UpdateTime">As the family writes it.</param>
public sealed record ClassRow(
    [property: JsonPropertyName("id")] long Id,
    [property: JsonPropertyName("pid")] long Pid,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("desc")] string Desc,
    [property: JsonPropertyName("order")] int Order,
    [property: JsonPropertyName("status")] int Status,
    [property: JsonPropertyName("create_time")] string CreateTime,
    [property: JsonPropertyName("update_time")] string UpdateTime)
{
    /// <summary>Images that lie in the class itself and are not deleted.</summary>
    [JsonPropertyName("images_count"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? ImagesCount { get; init; }

    /// <summary>How deep it lies; 0 for a root.</summary>
    [JsonPropertyName("level"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Level { get; init; }

    /// <summary>The classes right below it.</summary>
    [JsonPropertyName("children"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ClassRow>? Children { get; init; }

    /// <summary>As the console of the shop shows it.</summary>
    internal static ClassRow OfShop(ImageClass one, ConsoleClock clock) => Of(one, clock.Local(one.CreatedAt), ConsoleClock.Utc(one.UpdatedAt));

    /// <summary>As the other consoles show it.</summary>
    internal static ClassRow OfConsole(ImageClass one, ConsoleClock clock) => Of(one, clock.Local(one.CreatedAt), clock.Local(one.UpdatedAt));

    private static ClassRow Of(ImageClass one, string created, string updated) =>
        new(one.Id, one.ParentId, one.Name, one.Description, one.Order, one.Enabled ? 1 : 0, created, updated);
}

/// <summary>A page of classes, and the whole tree in two forms.</summary>
/// <param name="TotalCount">How many classes there are.</param>
/// <param name="Flat">Each class, those below it, the next one; with its level.</param>
/// <param name="Nested">The roots, with children.</param>
public sealed record ClassPage(
    [property: JsonPropertyName("list")] IReadOnlyList<ClassRow> List,
    [property: JsonPropertyName("totalCount")] int TotalCount,
    [property: JsonPropertyName("list_tree")] IReadOnlyList<ClassRow> Flat,
    [property: JsonPropertyName("list_tree2")] IReadOnlyList<ClassRow> Nested);

/// <summary>What a class holds. Bytes of images that were uploaded; a registered URL has none.</summary>
/// <param name="Id">0 for the images that are in no class.</param>
/// <param name="ImagesCount">By itself.</param>
/// <param name="TotalImagesCount">With all classes below it.</param>
public sealed record UsageRow(
    [property: JsonPropertyName("id")] long Id,
    [property: JsonPropertyName("pid")] long Pid,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("images_count")] long ImagesCount,
    [property: JsonPropertyName("bytes")] long Bytes,
    [property: JsonPropertyName("total_images_count")] long TotalImagesCount,
    [property: JsonPropertyName("total_bytes")] long TotalBytes);
