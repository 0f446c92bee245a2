using OssProxy.Core.Storage;

namespace OssProxy.Core.Records;

/// <summary>A file about to be sent to a store.</summary>
/// <param name="Store">The name of the store, as in <see cref="NamedStore"/>.</param>
/// <param name="Key">The key it will get.</param>
/// <param name="Url">The public URL it will have.</param>
/// <param name="MediaType">The detected media type.</param>
/// <param name="OriginalName">The client's file name, already cut to a safe length; null when it sent none.</param>
public sealed record NewUpload(string Store, ObjectKey Key, string Url, string MediaType, string? OriginalName)
{
    /// <summary>The bucket that the object goes to; empty where there is none.</summary>
    public string Bucket { get; init; } = "";

    /// <summary>What consoles show as its name, at most 30 characters; empty for none.</summary>
    public string Name { get; init; } = "";

    /// <summary>Whose file it is; empty for a client that is not known.</summary>
    public string Owner { get; init; } = "";

    /// <summary>Who sent it.</summary>
    public string CreatedBy { get; init; } = "";

    /// <summary>The grant under which it comes, whose key is then nobody else's; null for an upload without one.</summary>
    public long? GrantId { get; init; }

    /// <summary>Width in pixels; null when it is no picture, or not told by its first bytes.</summary>
    public int? Width { get; init; }

    /// <summary>Height in pixels, likewise.</summary>
    public int? Height { get; init; }

    /// <summary>The main colour as <c>#rrggbb</c>; null where it was not asked for.</summary>
    public string? MainColor { get; init; }
}

/// <summary>A claimed upload whose object the store has acknowledged.</summary>
/// <param name="Id">The id that <see cref="IUploadRecords.ClaimAsync"/> gave.</param>
/// <param name="Length">Bytes stored.</param>
/// <param name="Crc64">CRC-64/XZ of the content, when known.</param>
public sealed record FinishedUpload(long Id, long Length, ulong? Crc64)
{
    /// <summary>SHA-256 of the content as 64 lower-case hexadecimal digits; null where it was not asked for.</summary>
    public string? Sha256 { get; init; }
}

/// <summary>How the uploads of one request are finished.</summary>
/// <param name="ClassId">The class that they are filed under; 0 for none.</param>
/// <param name="CreatedAt">Their time of creation.</param>
public sealed record Filing(long ClassId, DateTimeOffset CreatedAt)
{
    /// <summary>What their owner may store today; null for any amount, which is then not counted.</summary>
    public DailyUsage? Usage { get; init; }
}

/// <summary>A claim whose upload never ended.</summary>
/// <param name="Id">The id that <see cref="IUploadRecords.ClaimAsync"/> gave.</param>
/// <param name="Store">The name of the store.</param>
/// <param name="Key">The key it was to get; null when the row was damaged and names none.</param>
public sealed record PendingUpload(long Id, string Store, ObjectKey? Key)
{
    /// <summary>Whether its key was chosen by a client, who may come with it again.</summary>
    public bool IsGranted { get; init; }
}

/// <summary>
/// What is remembered of uploads. A row is claimed (pending) before the first byte leaves, becomes stored when the store has acknowledged,
/// and is released when the upload fails. A claim belongs to the node that made it, so that a node that starts again after a crash finds
/// what it left behind and no other node's uploads in flight.
/// </summary>
public interface IUploadRecords
{
    /// <summary>Writes a pending row and returns its id, which is never given again. When it is cancelled no row was written.</summary>
    /// <exception cref="RecordsException">The database cannot be reached or written. <see cref="RecordsError.KeyTaken"/>: the key is that of
    /// another upload under a grant.</exception>
    Task<long> ClaimAsync(NewUpload upload, CancellationToken cancellationToken);

    /// <summary>Whether rows outlive the process, so that ids mean something to others.</summary>
    bool AreKept { get; }

    /// <summary>Makes claimed rows stored, all or none, under one class and one time of creation.</summary>
    /// <exception cref="RecordsException"><see cref="RecordsError.ClaimLost"/>: a claim is gone; <see cref="RecordsError.ClassNotFound"/>: the class
    /// is; <see cref="RecordsError.DailyLimitReached"/>: it is more than the owner may store today. With each of them no row has changed.
    /// <see cref="RecordsError.RecordsUnavailable"/>: the database cannot be reached or written; when the connection broke during the
    /// commit the rows may be stored all the same, so the objects must not be deleted before the rows have been seen pending.</exception>
    Task FinishAsync(IReadOnlyList<FinishedUpload> uploads, Filing filing, CancellationToken cancellationToken);

    /// <summary>Removes a pending row. Succeeds when it is gone or already stored (a stored row stays).</summary>
    Task ReleaseAsync(long id, CancellationToken cancellationToken);

    /// <summary>This node's pending rows with an id above <paramref name="afterId"/>, in the order of their ids, at most
    /// <paramref name="limit"/>.</summary>
    /// <exception cref="RecordsException">The database cannot be reached.</exception>
    Task<IReadOnlyList<PendingUpload>> PendingAsync(long afterId, int limit, CancellationToken cancellationToken);
}
