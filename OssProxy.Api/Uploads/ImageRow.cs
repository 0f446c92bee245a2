using System.Text.Json.Serialization;
using OssProxy.Core.Uploads;

namespace OssProxy.Api.Uploads;

/// <summary>One stored file as the clients know it; the first four members are the contract, the others were added.</summary>
/// <param name="Url">Absolute or root-relative, without a query: clients append <c>?x-oss-process=…</c>.</param>
/// <param name="Path">The key, without a leading slash.</param>
/// <param name="ImageClassId">The class, 0 for none.</param>
/// <param name="CreateTime">Unix time in seconds.</param>
/// <param name="Name">The client's file name, if it sent one.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Mime">The detected media type.</param>
public sealed record ImageRow(
    [property: JsonPropertyName("url")] string Url,
    [property: JsonPropertyName("path")] string Path,
    [property: JsonPropertyName("image_class_id")] long ImageClassId,
    [property: JsonPropertyName("create_time")] long CreateTime,
    [property: JsonPropertyName("name")] string? Name,
    [property: JsonPropertyName("size")] long Size,
    [property: JsonPropertyName("mime")] string Mime)
{
    public static ImageRow Of(UploadReceipt receipt) => new(
        receipt.Url, receipt.Path, receipt.ClassId, receipt.CreatedAt.ToUnixTimeSeconds(), receipt.Name, receipt.Length,
        receipt.MediaType);
}
