using OssProxy.Core.FileTypes;

namespace OssProxy.Core.Uploads;

/// <summary>What has been stored.</summary>
/// <param name="Id">Its record; means nothing to others where records are not kept.</param>
/// <param name="Url">Where it can be read.</param>
/// <param name="Path">Its key.</param>
/// <param name="ClassId">The class that the form named, 0 for none.</param>
/// <param name="CreatedAt">When its record was finished.</param>
/// <param name="Name">The client's name for it, if any.</param>
/// <param name="Length">Its size in bytes.</param>
/// <param name="MediaType">Its detected type.</param>
/// <param name="Size">Its size in pixels, when its first bytes tell.</param>
/// <param name="Sha256">Of its content, 64 lower-case hexadecimal digits, where the policy asks for it.</param>
public sealed record UploadReceipt(
    long Id, string Url, string Path, long ClassId, DateTimeOffset CreatedAt, string? Name, long Length, string MediaType, PictureSize? Size,
    string? Sha256)
{
    /// <summary>Its main colour as <c>#rrggbb</c>, where the policy asks for it.</summary>
    public string? MainColor { get; init; }
}
