namespace OssProxy.Core.Records;

/// <summary>
/// The records of a deployment that keeps none. A claim is remembered in memory until it is finished or released, so that the running
/// process undoes and settles what it began as ever; with the process the memory goes, and nothing finds what it left in the store.
/// Costs some 300 bytes per open upload.
/// </summary>
public sealed class NoRecords : IUploadRecords, IRecordsProbe
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, PendingUpload> _pending = [];
    private long _last;

    /// <inheritdoc/>
    public Task<long> ClaimAsync(NewUpload upload, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled<long>(cancellationToken);
        lock (_gate)
        {
            _pending.Add(++_last, new PendingUpload(_last, upload.Store, upload.Key));
            return Task.FromResult(_last);
        }
    }

    /// <inheritdoc/>
    public Task FinishAsync(
        IReadOnlyList<FinishedUpload> uploads, long classId, DateTimeOffset createdAt, CancellationToken cancellationToken)
    {
        var ids = uploads.Select(upload => upload.Id).ToHashSet();
        lock (_gate)
        {
            if (ids.Count < uploads.Count || !ids.All(_pending.ContainsKey))
                return Task.FromException(new RecordsException(RecordsError.ClaimLost, "A claim is no longer pending."));
            foreach (var id in ids)
                _pending.Remove(id);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task ReleaseAsync(long id, CancellationToken cancellationToken)
    {
        lock (_gate)
            _pending.Remove(id);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<PendingUpload>> PendingAsync(long afterId, int limit, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyList<PendingUpload>>(
                [.. _pending.Values.Where(upload => upload.Id > afterId).OrderBy(upload => upload.Id).Take(limit)]);
        }
    }

    /// <summary>There is nothing that could fail.</summary>
    public Task CheckAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
