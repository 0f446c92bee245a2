using OssProxy.Core.Records;
using OssProxy.Core.Storage;

namespace OssProxy.Tests.Records;

/// <summary>What the specs of classes and images share: a started database and ways to put something into it.</summary>
public abstract class LibrarySpecs(DatabasePlace place) : IAsyncLifetime
{
    protected static readonly Retentions OneDay = new(TimeSpan.FromDays(1), new Dictionary<long, TimeSpan>());

    private UploadRecords _uploads = null!;
    private int _keys;

    /// <summary>Ends a test that hangs.</summary>
    protected CancellationToken Deadline { get; } = new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    protected RecordsDatabase Database { get; private set; } = null!;

    protected ImageClasses Classes { get; private set; } = null!;

    protected ImageLibrary Library { get; private set; } = null!;

    private protected Clock Time { get; } = new();

    public async Task InitializeAsync()
    {
        await place.PrepareAsync(Deadline);
        Database = place.Open();
        await Database.StartAsync(Deadline);
        Classes = new ImageClasses(Database, Time);
        Library = new ImageLibrary(Database, Time);
        _uploads = new UploadRecords(Database, "node-a", Time);
    }

    public async Task DisposeAsync() => await place.DisposeAsync();

    /// <summary>The same database, as another process has it.</summary>
    protected RecordsDatabase Another() => place.Open();

    /// <summary>The same database, as another node of one deployment has it.</summary>
    protected RecordsDatabase Neighbour() => place.IsForOneProcess ? Database : Another();

    protected async Task<long> NewClassAsync(string name, long parentId = 0) =>
        (await Classes.CreateAsync(new ClassDraft { Name = name, ParentId = parentId }, Deadline)).Id;

    protected Task<long> NewImageAsync(long classId = 0, string? originalName = "photo.jpg", long length = 1000) =>
        NewImageAsync(classId, originalName, length, Time.GetUtcNow());

    protected async Task<long> NewImageAsync(long classId, string? originalName, long length, DateTimeOffset createdAt)
    {
        var id = await NewPendingAsync(originalName);
        await _uploads.FinishAsync([new FinishedUpload(id, length, 42)], new Filing(classId, createdAt), Deadline);
        return id;
    }

    protected Task FinishAsync(long id, long classId) =>
        _uploads.FinishAsync([new FinishedUpload(id, 1000, 42)], new Filing(classId, Time.GetUtcNow()), Deadline);

    protected Task<long> NewPendingAsync(string? originalName = "photo.jpg")
    {
        var key = ObjectKey.Parse($"images/20260105/{Interlocked.Increment(ref _keys)}_9fa0c31b77de.jpg");
        return _uploads.ClaimAsync(new NewUpload("oss", key, "https://img.example.com/" + key, "image/jpeg", originalName), Deadline);
    }

    /// <summary>Stored images by the hundred, in one statement.</summary>
    protected Task FillAsync(long classId, int count) => ExecuteAsync(
        """
        WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < @Count)
        INSERT INTO image (image_class_id, path, url, create_time, update_time, state, storage, size, media_type, node)
        SELECT @ClassId, 'filled/' || @ClassId || '/' || n, '/f', 0, 0, 'stored', 'oss', 10, 'image/png', 'node-a' FROM n
        """, new { ClassId = classId, Count = count });

    protected Task<int> ExecuteAsync(string sql, object? values = null) =>
        Database.WriteAsync(WriteScope.Statement, session => session.ExecuteAsync(sql, values), Deadline);

    protected Task<long> ScalarAsync(string sql, object? values = null) =>
        Database.ReadAsync(session => session.ScalarAsync<long>(sql, values), Deadline);

    /// <summary>What is queued, by image.</summary>
    protected Task<IReadOnlyList<QueuedDeletion>> QueuedAsync() => Database.ReadAsync(session => session.QueryAsync<QueuedDeletion>(
        """
        SELECT image_id AS ImageId, storage, path, due_at AS DueAt, state, attempts, fence, last_error AS LastError, create_time AS CreateTime
        FROM object_deletion ORDER BY image_id
        """), Deadline);

    protected static async Task<RecordsError?> ErrorOfAsync(Func<Task> call)
    {
        try
        {
            await call();
            return null;
        }
        catch (RecordsException failure) when (failure.Error != RecordsError.RecordsUnavailable)
        {
            return failure.Error;
        }
    }

    protected sealed record QueuedDeletion
    {
        public long ImageId { get; init; }
        public string Storage { get; init; } = "";
        public string Path { get; init; } = "";
        public long DueAt { get; init; }

        /// <summary>How long the deletion waits, in whole seconds: the time is the database's, which PostgreSQL tells anew for each value.</summary>
        public TimeSpan Waits => TimeSpan.FromSeconds(Math.Round((DueAt - CreateTime) / 1000.0));
        public string State { get; init; } = "";
        public int Attempts { get; init; }
        public long Fence { get; init; }
        public string? LastError { get; init; }
        public long CreateTime { get; init; }
    }
}
