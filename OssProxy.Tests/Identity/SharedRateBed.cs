using OssProxy.Tests.Api;
using OssProxy.Tests.Reconciliation;
using OssProxy.Tests.Records;

namespace OssProxy.Tests.Identity;

/// <summary>Two nodes on one PostgreSQL and one store, which a test looks into past them.</summary>
public abstract class SharedRateBed(PostgresServer server) : IAsyncLifetime
{
    private readonly PostgresTestDatabase _database = new(server);
    private readonly List<ApiServer> _nodes = [];

    private protected PostgresTestDatabase Database => _database;

    private protected ApiServer First => _nodes[0];

    /// <summary>The node whose turn it is.</summary>
    private protected ApiServer Node(int turn) => _nodes[turn % _nodes.Count];

    public Task InitializeAsync() => _database.StartAsync();

    public async Task DisposeAsync()
    {
        // The first has the store and the folder that the other's is in.
        foreach (var node in _nodes.Skip(1))
        {
            node.Client.Dispose();
            await node.StopAsync();
        }

        if (_nodes.Count > 0)
            await First.DisposeAsync();
        await _database.DisposeAsync();
    }

    private protected async Task StartAsync(params (string Key, string Value)[] settings)
    {
        (string, string)[] all = [("Records:Provider", "postgres"), ("Records:ConnectionString", _database.ConnectionString), .. settings];
        _nodes.Add(await ApiServer.StartAsync(all));
        var folder = Directory.CreateDirectory(Path.Combine(First.Folder, "second")).FullName;
        _nodes.Add(await ApiServer.StartAsync(First.Emulator, folder, all));
    }

    /// <summary>Lets a subject count in the next minute already, so that none turns while a test counts.</summary>
    private protected Task WithoutTurnAsync(string subject) => _database.RunAsync(
        "INSERT INTO rate_count VALUES (@Subject, floor(extract(epoch FROM clock_timestamp()) / 60)::bigint + 1, 0)", new { Subject = subject });

    private protected Task<long> StoredAsync() => _database.CountAsync("SELECT count(*) FROM image WHERE state = 'stored'");

    private protected Task<long> PlacesAsync() => _database.CountAsync("SELECT count(*) FROM upload_place");
}
