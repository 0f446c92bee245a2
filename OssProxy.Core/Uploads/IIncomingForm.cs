namespace OssProxy.Core.Uploads;

/// <summary>
/// A form being read. Files come one at a time as they arrive; what stands in fields may come before or after them, so it is known only
/// when the last file has been asked for. Fails only with <see cref="UploadException"/>.
/// </summary>
public interface IIncomingForm
{
    /// <summary>The next file, or null when the form has ended well. The one before must have been read to its end.</summary>
    Task<IncomingFile?> NextFileAsync(CancellationToken cancellationToken);

    /// <summary>The class that the query or the fields read so far name; 0 when none does or it is no number.</summary>
    long ClassId { get; }

    /// <summary>The length of the whole form in bytes, as the request announces it; null when it does not.</summary>
    long? AnnouncedLength { get; }

    /// <summary>When it was let in, as a timestamp of the process's clock: what was known of it and its sender by then is as old.</summary>
    long LetInAt { get; }

    /// <summary>Says how long the form may take in all, from its beginning; null leaves what the server gives every form.</summary>
    void GiveTime(TimeSpan? total);
}
