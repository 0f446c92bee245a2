namespace OssProxy.Core.Uploads;

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
