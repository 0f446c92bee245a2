using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.Records;

namespace OssProxy.Tests.Records;

/// <summary>A place for one database that nobody else uses; it can be opened several times, as by so many processes.</summary>
public abstract class DatabasePlace : IAsyncDisposable
{
    private readonly List<RecordsDatabase> _opened = [];

    /// <summary>Whether a deployment opens it once. Two writers of one file wait for each other in steps of a second.</summary>
    public abstract bool IsForOneProcess { get; }

    /// <summary>Makes the place, empty.</summary>
    public virtual Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Opens the database, which is not started.</summary>
    public RecordsDatabase Open()
    {
        var database = Create();
        _opened.Add(database);
        return database;
    }

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var database in _opened)
            await database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected abstract RecordsDatabase Create();

    protected static RecordsDatabase Create(RecordsOptions options, string folder) =>
        RecordsDatabase.For(options, folder, TimeProvider.System, NullLoggerFactory.Instance);
}

/// <summary>A file in a folder of its own.</summary>
public sealed class SqlitePlace : DatabasePlace
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ossproxy-records-").FullName;

    public override bool IsForOneProcess => true;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    protected override RecordsDatabase Create() => Create(new RecordsOptions(), _folder);
}

/// <summary>A schema of its own on the server that all tests share.</summary>
public sealed class PostgresPlace(PostgresServer server) : DatabasePlace
{
    private string _connectionString = "";

    public override bool IsForOneProcess => false;

    public override async Task PrepareAsync(CancellationToken cancellationToken) =>
        _connectionString = await server.NewSchemaAsync(cancellationToken);

    protected override RecordsDatabase Create() =>
        Create(new RecordsOptions { Provider = "postgres", ConnectionString = _connectionString }, "unused");
}
