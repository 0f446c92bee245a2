#pragma warning disable MA0025, CS9113 // Until it is furnished.
namespace OssProxy.Core.Records;

/// <summary>
/// The stored images, for consoles: listed, changed, deleted, restored. A deletion marks the row and queues the removal of its object in one
/// transaction; nobody else removes stored rows. Pending rows are seen by nobody here.
/// </summary>
public sealed class ImageLibrary(RecordsDatabase database, TimeProvider time)
{
    /// <summary>Most ids in one call.</summary>
    public const int MaxIds = 1000;

    /// <summary>One page; <paramref name="page"/> counts from 1.</summary>
    public Task<ImagePage> ListAsync(ImageQuery query, int page, int limit, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Everything the query meets, by id, as a stream: read in portions, never held whole.</summary>
    public IAsyncEnumerable<ImageRecord> StreamAsync(ImageQuery query, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>The images with these ids that are not deleted, by id.</summary>
    public Task<IReadOnlyList<ImageRecord>> FindAsync(IReadOnlyList<long> ids, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Changes an image.</summary>
    /// <exception cref="RecordsException"><see cref="RecordsError.ImageNotFound"/>; <see cref="RecordsError.ClassNotFound"/> when the class that
    /// it is to move to does not exist.</exception>
    public Task EditAsync(long id, ImageEdit edit, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Moves images to a class (0 for none) and returns how many there were.</summary>
    /// <exception cref="RecordsException"><see cref="RecordsError.ClassNotFound"/>.</exception>
    public Task<int> MoveAsync(IReadOnlyList<long> ids, long classId, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Marks images deleted, queues the deletion of their objects, and returns how many there were.</summary>
    public Task<int> DeleteAsync(IReadOnlyList<long> ids, Retentions retentions, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Takes deletions back that have not begun, and returns how many. An image whose class has gone comes back into none.</summary>
    public Task<int> RestoreAsync(IReadOnlyList<long> ids, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Registers a URL whose object is not ours, and returns its id.</summary>
    /// <exception cref="RecordsException"><see cref="RecordsError.ClassNotFound"/>, <see cref="RecordsError.DailyLimitReached"/>.</exception>
    public Task<long> RegisterAsync(NewLink link, CancellationToken cancellationToken) => throw new NotImplementedException();
}

/// <summary>A URL to be registered as an image.</summary>
/// <param name="Url">Absolute http(s) or root-relative, at most 1,000 characters.</param>
public sealed record NewLink(string Url, string Name, long ClassId, bool Enabled, int Order, string MediaType, string Owner, string CreatedBy)
{
    /// <summary>What the owner may register today; null for no limit.</summary>
    public DailyUsage? Usage { get; init; }
}
