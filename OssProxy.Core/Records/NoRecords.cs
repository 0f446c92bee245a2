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
    private readonly Dictionary<(string Owner, long ClassId, int Day), (long Files, long Bytes)> _used = [];
    private (int Last, int Before) _days;
    private long _last;

    /// <inheritdoc/>
    public bool AreKept => false;

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
    public Task FinishAsync(IReadOnlyList<FinishedUpload> uploads, Filing filing, CancellationToken cancellationToken)
    {
        var ids = uploads.Select(upload => upload.Id).ToHashSet();
        lock (_gate)
        {
            if (ids.Count < uploads.Count || !ids.All(_pending.ContainsKey))
                return Task.FromException(new RecordsException(RecordsError.ClaimLost, "A claim is no longer pending."));
            if (filing.Usage is { } usage && !TryCount(usage, uploads))
                return Task.FromException(usage.Reached());
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

    // Two days: an upload that began yesterday may end after midnight. Without records nothing is remembered for longer than it is needed.
    private bool TryCount(DailyUsage usage, IReadOnlyList<FinishedUpload> uploads)
    {
        if (usage.Day != _days.Last && usage.Day != _days.Before)
        {
            _days = (usage.Day, _days.Last);
            foreach (var over in _used.Keys.Where(key => key.Day != _days.Last && key.Day != _days.Before))
                _used.Remove(over);
        }

        var key = (usage.Owner, usage.ClassId, usage.Day);
        var (files, bytes) = _used.GetValueOrDefault(key);
        files += uploads.Count;
        bytes += uploads.Sum(upload => upload.Length);
        if (files > (usage.MaxFiles ?? long.MaxValue) || bytes > (usage.MaxBytes ?? long.MaxValue))
            return false;
        _used[key] = (files, bytes);
        return true;
    }

    /// <summary>There is nothing that could fail.</summary>
    public Task CheckAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
