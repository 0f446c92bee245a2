namespace OssProxy.Core.Uploads;

/// <summary>What has been stored.</summary>
/// <param name="Url">Where it can be read.</param>
/// <param name="Path">Its key.</param>
/// <param name="ClassId">Its class, 0 for none.</param>
/// <param name="CreatedAt">When its record was finished.</param>
/// <param name="Name">The client's name for it, if any.</param>
/// <param name="Length">Its size in bytes.</param>
/// <param name="MediaType">Its detected type.</param>
public sealed record UploadReceipt(
    string Url, string Path, long ClassId, DateTimeOffset CreatedAt, string? Name, long Length, string MediaType);
