using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;
using OssProxy.Core.Goods;
using OssProxy.Core.Records;

namespace OssProxy.Api.Goods;

/// <summary>Goods as everybody sees them: what their publisher said beside what we know, on one level, as the first clients read it.</summary>
internal static class GoodsView
{
    /// <summary>The names that are ours; what a client sends under them is not kept.</summary>
    public static readonly FrozenSet<string> OwnNames = FrozenSet.Create(StringComparer.Ordinal, "id", "imgs", "images", "create_time");

    public static IReadOnlyDictionary<string, object> Of(PublishedGoods goods)
    {
        var view = new OrderedDictionary<string, object>(StringComparer.Ordinal) { ["id"] = goods.Id };
        using var kept = JsonDocument.Parse(goods.Fields);
        foreach (var field in kept.RootElement.EnumerateObject())
            view[field.Name] = field.Value.Clone();

        // A comma in a key is escaped in its URL, so the commas between them are the only ones.
        view["imgs"] = string.Join(',', goods.Images.Select(image => image.Url));
        view["images"] = goods.Images.Select(GoodsImageView.Of);
        view["create_time"] = goods.CreatedAt.ToUnixTimeSeconds();
        return view;
    }
}

/// <summary>An image of goods.</summary>
/// <param name="Path">The key.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
internal sealed record GoodsImageView(
    [property: JsonPropertyName("id")] long Id,
    [property: JsonPropertyName("url")] string Url,
    [property: JsonPropertyName("path")] string Path,
    [property: JsonPropertyName("width"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Width,
    [property: JsonPropertyName("height"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Height)
{
    public static GoodsImageView Of(ImageRecord image) => new(image.Id, image.Url, image.Path, image.Width, image.Height);
}
