using OssProxy.Core.Records;
using OssProxy.Core.Storage;
using OssProxy.Core.Uploads;

namespace OssProxy.Tests.Uploads;

/// <summary>A store in memory that does what a test tells it, for outcomes that no real one gives on demand.</summary>
internal sealed class ScriptedStore : IObjectStore
{
    private int _failedDeletions;

    public Dictionary<string, byte[]> Objects { get; } = [];

    /// <summary>What was told with each object.</summary>
    public Dictionary<string, ObjectContent> Contents { get; } = [];

    public List<string> Deleted { get; } = [];

    /// <summary>Called with the whole body in place of an acknowledgement; may throw.</summary>
    public Action<ObjectKey, byte[]>? OnPut { get; set; }

    public Exception? DeleteFailure { get; set; }

    public int FailedDeletions => Volatile.Read(ref _failedDeletions);

    public async Task<StoredObject> PutAsync(ObjectKey key, ObjectContent content, CancellationToken cancellationToken)
    {
        var all = new MemoryStream();
        await content.Body.CopyToAsync(all, cancellationToken);
        OnPut?.Invoke(key, all.ToArray());
        Objects.Add(key.Value, all.ToArray());
        Contents[key.Value] = content;
        return new StoredObject(key, all.Length, content.ContentType, null, null, null);
    }

    public Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (DeleteFailure is { } failure)
        {
            Interlocked.Increment(ref _failedDeletions);
            return Task.FromException(failure);
        }

        lock (Deleted)
        {
            Objects.Remove(key.Value);
            Deleted.Add(key.Value);
        }

        return Task.CompletedTask;
    }

    public Task<StoredObject?> HeadAsync(ObjectKey key, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ObjectReading?> OpenAsync(ObjectKey key, ByteRange? range, CancellationToken cancellationToken) =>
        Task.FromResult(Objects.TryGetValue(key.Value, out var bytes)
            ? new ObjectReading(new StoredObject(key, bytes.Length, "application/octet-stream", null, null, null), new MemoryStream(bytes), range)
            : null);
}

/// <summary>Records in memory that do what a test tells them.</summary>
internal sealed class ScriptedRecords : IUploadRecords
{
    private readonly Lock _gate = new();
    private long _last;
    private int _lookups;

    public SortedDictionary<long, (NewUpload Upload, bool Stored)> Rows { get; } = [];

    /// <summary>Rows whose path can no longer be read.</summary>
    public HashSet<long> Damaged { get; } = [];

    /// <summary>How often pending rows were asked for.</summary>
    public int Lookups => Volatile.Read(ref _lookups);

    public Exception? ClaimFailure { get; set; }

    public Exception? FinishFailure { get; set; }

    /// <summary>Whether a finish that fails has been committed all the same.</summary>
    public bool FinishCommits { get; set; }

    public int Pending
    {
        get
        {
            lock (_gate)
                return Rows.Values.Count(row => !row.Stored);
        }
    }

    public Task<long> ClaimAsync(NewUpload upload, CancellationToken cancellationToken)
    {
        if (ClaimFailure is { } failure)
            return Task.FromException<long>(failure);
        lock (_gate)
        {
            Rows.Add(++_last, (upload, false));
            return Task.FromResult(_last);
        }
    }

    public bool AreKept => true;

    /// <summary>A class that nobody can file under any more.</summary>
    public long? GoneClass { get; set; }

    public Task FinishAsync(IReadOnlyList<FinishedUpload> uploads, Filing filing, CancellationToken cancellationToken)
    {
        if (filing.ClassId == GoneClass)
            return Task.FromException(new RecordsException(RecordsError.ClassNotFound, "gone"));
        lock (_gate)
        {
            if (FinishFailure is null || FinishCommits)
            {
                foreach (var upload in uploads)
                    Rows[upload.Id] = (Rows[upload.Id].Upload, true);
            }
        }

        return FinishFailure is { } failure ? Task.FromException(failure) : Task.CompletedTask;
    }

    public Task ReleaseAsync(long id, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (Rows.TryGetValue(id, out var row) && !row.Stored)
                Rows.Remove(id);
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<PendingUpload>> PendingAsync(long afterId, int limit, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _lookups);
        lock (_gate)
        {
            // By number, as an index would: thousands of rows are looked for one by one.
            var found = new List<PendingUpload>();
            for (var id = afterId + 1; id <= _last && found.Count < limit; id++)
            {
                if (Rows.TryGetValue(id, out var row) && !row.Stored)
                    found.Add(new PendingUpload(id, row.Upload.Store, Damaged.Contains(id) ? null : row.Upload.Key));
            }

            return Task.FromResult<IReadOnlyList<PendingUpload>>(found);
        }
    }
}

/// <summary>A form that is already there.</summary>
internal sealed class ReadyForm(long classId, params IncomingFile[] files) : IIncomingForm
{
    private readonly Queue<IncomingFile> _files = new(files);

    public long ClassId => classId;

    public long? AnnouncedLength => null;

    public long LetInAt { get; init; }

    public void GiveTime(TimeSpan? total)
    {
        // Whoever reads it is not judged.
    }

    public Task<IncomingFile?> NextFileAsync(CancellationToken cancellationToken) =>
        Task.FromResult(_files.TryDequeue(out var file) ? file : null);
}
