using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.Records;
using OssProxy.Tests.Records;

namespace OssProxy.Tests.Reconciliation;

/// <summary>A database of its own for one test, and what a test writes into it and reads from it past our own code.</summary>
public abstract class TestDatabase : IAsyncDisposable
{
    private readonly List<RecordsDatabase> _opened = [];

    /// <summary>Ends a test that hangs.</summary>
    public CancellationToken Deadline { get; } = new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    /// <summary>The clock of a process that uses it; decides what time it is for SQLite alone.</summary>
    internal Clock Clock { get; } = new();

    public RecordsDatabase Database { get; private set; } = null!;

    public virtual async Task StartAsync()
    {
        Database = Open(Clock);
        await Database.StartAsync(Deadline);
    }

    /// <summary>Opens it once more, as another node with another clock would.</summary>
    public RecordsDatabase Open(TimeProvider time)
    {
        var database = Create(time);
        _opened.Add(database);
        return database;
    }

    /// <summary>Now, as the leases see it, in Unix milliseconds.</summary>
    public abstract Task<long> NowAsync();

    /// <summary>Lets time pass for all rows that name one.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        var ms = (long)time.TotalMilliseconds;
        await RunAsync($"UPDATE lease SET expires_at = expires_at - {ms}");
        await RunAsync($"UPDATE object_deletion SET due_at = due_at - {ms}");
    }

    public Task<int> RunAsync(string sql, object? values = null) =>
        Database.WriteAsync(WriteScope.Statement, session => session.ExecuteAsync(sql, values), Deadline);

    public async Task<long> CountAsync(string sql, object? values = null) =>
        await Database.ReadAsync(session => session.ScalarAsync<long>(sql, values), Deadline);

    public async Task<string?> TextAsync(string sql, object? values = null) =>
        await Database.ReadAsync(session => session.ScalarAsync<string>(sql, values), Deadline);

    /// <summary>Writes an image's row and returns its id.</summary>
    public async Task<long> ImageAsync(
        string path, string state = "stored", string store = "oss", string node = "node-a", bool deleted = false, long? size = 5, TimeSpan age = default)
    {
        var then = await NowAsync() - (long)age.TotalMilliseconds;
        const string sql = """
            INSERT INTO image (path, url, create_time, update_time, state, storage, media_type, node, size, deleted_at)
            VALUES (@Path, '', @Then, @Then, @State, @Store, 'image/jpeg', @Node, @Size, @DeletedAt) RETURNING id
            """;
        var values = new { Path = path, Then = then, State = state, Store = store, Node = node, Size = size, DeletedAt = deleted ? then : (long?)null };
        return await Database.WriteAsync(WriteScope.Statement, session => session.ScalarAsync<long>(sql, values), Deadline);
    }

    /// <summary>Deletes an image as a console does: the row is marked, its deletion queued.</summary>
    public async Task DeleteAsync(long id, TimeSpan dueIn = default)
    {
        var retentions = new Retentions(dueIn, new Dictionary<long, TimeSpan>());
        (await new ImageLibrary(Database, Clock).DeleteAsync([id], retentions, Deadline)).Should().Equal(id);
    }

    /// <summary>Takes a deletion back as a console does; false when it is too late.</summary>
    public async Task<bool> RestoreAsync(long id) => await new ImageLibrary(Database, Clock).RestoreAsync([id], Deadline) is [_];

    /// <summary>How many rows there are in all.</summary>
    public Task<long> ImagesAsync() => CountAsync("SELECT count(*) FROM image");

    public Task<long> EntriesAsync() => CountAsync("SELECT count(*) FROM object_deletion");

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var database in _opened)
            await database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected abstract RecordsDatabase Create(TimeProvider time);
}

/// <summary>A file in a folder of its own; time is that of <see cref="TestDatabase.Clock"/>.</summary>
public sealed class SqliteTestDatabase : TestDatabase
{
    /// <summary>Stands for the data folder.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("ossproxy-agreement-").FullName;

    public override Task<long> NowAsync() => Task.FromResult(Clock.GetUtcNow().ToUnixTimeMilliseconds());

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    protected override RecordsDatabase Create(TimeProvider time) =>
        RecordsDatabase.For(new RecordsOptions(), Folder, time, NullLoggerFactory.Instance);
}

/// <summary>A schema of the test run's PostgreSQL; time is that of the server.</summary>
public sealed class PostgresTestDatabase(PostgresServer server) : TestDatabase
{
    public string ConnectionString { get; private set; } = "";

    public override async Task StartAsync()
    {
        ConnectionString = await server.NewSchemaAsync(Deadline);
        await base.StartAsync();
    }

    public override Task<long> NowAsync() => CountAsync("SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint");

    protected override RecordsDatabase Create(TimeProvider time) => RecordsDatabase.For(
        new RecordsOptions { Provider = "postgres", ConnectionString = ConnectionString }, "unused", time, NullLoggerFactory.Instance);
}
