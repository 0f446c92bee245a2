using System.Text.Json.Serialization;
using OssProxy.Core.Records;

namespace OssProxy.Api.Me;

/// <summary>A file as its owner sees it: in the words of an upload's answer, and nothing that only consoles may know.</summary>
/// <param name="Path">The key; empty for a URL that was registered.</param>
/// <param name="CreateTime">Unix time in seconds, as in the answer of the upload.</param>
public sealed record MyFile(
    [property: JsonPropertyName("id")] long Id,
    [property: JsonPropertyName("url")] string Url,
    [property: JsonPropertyName("path")] string Path,
    [property: JsonPropertyName("image_class_id")] long ClassId,
    [property: JsonPropertyName("create_time")] long CreateTime,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("size")] long? Size,
    [property: JsonPropertyName("mime")] string Mime,
    [property: JsonPropertyName("width"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Width,
    [property: JsonPropertyName("height"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Height,
    [property: JsonPropertyName("main_color"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? MainColor)
{
    public static MyFile Of(ImageRecord image) => new(
        image.Id, image.Url, image.Path, image.ClassId, image.CreatedAt.ToUnixTimeSeconds(),
        image.Name.Length > 0 ? image.Name : image.OriginalName ?? "", image.Size, image.MediaType,
        image.Width, image.Height, image.MainColor);
}
