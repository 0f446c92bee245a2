namespace OssProxy.Core.Uploads;

/// <summary>A file on its way in.</summary>
/// <param name="Name">What the client calls it; null when it sent no usable name.</param>
/// <param name="Body">Its bytes, once. Fails only with <see cref="UploadException"/>.</param>
public sealed record IncomingFile(OriginalName? Name, Stream Body);

/// <summary>
/// A form being read. Files come one at a time as they arrive; what stands in fields may come before or after them, so it is known only
/// when the last file has been asked for. Fails only with <see cref="UploadException"/>.
/// </summary>
public interface IIncomingForm
{
    /// <summary>The next file, or null when the form has ended well. The one before must have been read to its end.</summary>
    Task<IncomingFile?> NextFileAsync(CancellationToken cancellationToken);

    /// <summary>The class that the query or the fields name; 0 when none does or it is no number. Valid after the last file.</summary>
    long ClassId { get; }
}

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
