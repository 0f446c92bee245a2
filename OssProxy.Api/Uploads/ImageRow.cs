using System.Text.Json.Serialization;
using OssProxy.Core.Records;
using OssProxy.Core.Uploads;

namespace OssProxy.Api.Uploads;

/// <summary>One stored file as the clients know it; the first four members are the contract, the others were added. What is not known is left
/// out.</summary>
/// <param name="Url">Absolute or root-relative, without a query: clients append <c>?x-oss-process=…</c>.</param>
/// <param name="Path">The key, without a leading slash.</param>
/// <param name="ImageClassId">The class that the form named, 0 for none.</param>
/// <param name="CreateTime">Unix time in seconds.</param>
/// <param name="UpdateTime">Unix time in seconds; consoles expect it.</param>
/// <param name="Id">The record, where records are kept.</param>
/// <param name="Name">The client's file name, if it sent one.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Mime">The detected media type.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Sha256">64 lower-case hexadecimal digits, where the class's policy asks for it.</param>
/// <param name="MainColor"><c>#rrggbb</c>, likewise.</param>
public sealed record ImageRow(
    [property: JsonPropertyName("url")] string Url,
    [property: JsonPropertyName("path")] string Path,
    [property: JsonPropertyName("image_class_id")] long ImageClassId,
    [property: JsonPropertyName("create_time")] long CreateTime,
    [property: JsonPropertyName("update_time")] long UpdateTime,
    [property: JsonPropertyName("id"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Id,
    [property: JsonPropertyName("name")] string? Name,
    [property: JsonPropertyName("size")] long Size,
    [property: JsonPropertyName("mime")] string Mime,
    [property: JsonPropertyName("width"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Width,
    [property: JsonPropertyName("height"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Height,
    [property: JsonPropertyName("sha256"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Sha256,
    [property: JsonPropertyName("main_color"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? MainColor)
{
    /// <summary>A record that was made before, or by somebody else.</summary>
    public static ImageRow Of(ImageRecord record)
    {
        var created = record.CreatedAt.ToUnixTimeSeconds();
        return new ImageRow(
            record.Url, record.Path, record.ClassId, created, record.UpdatedAt.ToUnixTimeSeconds(), record.Id, record.OriginalName,
            record.Size ?? 0, record.MediaType, record.Width, record.Height, record.Sha256, record.MainColor);
    }

    /// <param name="hasId">Whether the record's id means anything to others.</param>
    public static ImageRow Of(UploadReceipt receipt, bool hasId)
    {
        var created = receipt.CreatedAt.ToUnixTimeSeconds();
        return new ImageRow(
            receipt.Url, receipt.Path, receipt.ClassId, created, created, hasId ? receipt.Id : null, receipt.Name, receipt.Length,
            receipt.MediaType, receipt.Size?.Width, receipt.Size?.Height, receipt.Sha256, receipt.MainColor);
    }
}
