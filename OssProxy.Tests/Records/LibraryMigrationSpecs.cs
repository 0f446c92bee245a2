using OssProxy.Core.Records;

namespace OssProxy.Tests.Records;

public sealed class SqliteLibraryMigrationSpecs() : LibraryMigrationSpecs(new SqlitePlace());

[Collection(PostgresCollection.Name)]
public sealed class PostgresLibraryMigrationSpecs(PostgresServer server) : LibraryMigrationSpecs(new PostgresPlace(server));

/// <summary>A database of the first release, with what it holds, becomes one of this.</summary>
public abstract class LibraryMigrationSpecs(DatabasePlace place) : IAsyncLifetime
{
    private CancellationToken Deadline { get; } = new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    public Task InitializeAsync() => place.PrepareAsync(Deadline);

    public async Task DisposeAsync() => await place.DisposeAsync();

    [Fact]
    public async Task What_the_first_version_holds_is_there_in_this_one()
    {
        var database = place.Open();
        await MakeFirstVersionAsync(database);
        (await database.LookAsync(Deadline)).Should().BeFalse();

        await database.StartAsync(Deadline);

        (await database.LookAsync(Deadline)).Should().BeTrue();
        await database.CheckAsync(Deadline);
        await RequireContentsAsync(database);
    }

    [Fact]
    public async Task Nodes_that_start_at_once_bring_it_up_together()
    {
        await MakeFirstVersionAsync(place.Open());
        var nodes = Enumerable.Range(0, 8).Select(_ => place.Open()).ToList();

        await Task.WhenAll(nodes.Select(node => node.StartAsync(Deadline)));

        foreach (var node in nodes)
            await node.CheckAsync(Deadline);
        await RequireContentsAsync(nodes[^1]);
        var steps = await nodes[0].ReadAsync(session => session.QueryAsync<int>("SELECT version FROM records_schema ORDER BY version"), Deadline);
        steps.Should().Equal(Enumerable.Range(1, RecordsSchema.Current));
    }

    private Task<int> MakeFirstVersionAsync(RecordsDatabase database) => database.WriteAsync(WriteScope.Transaction, async session =>
    {
        await session.ExecuteAsync(
            "CREATE TABLE records_schema (version integer PRIMARY KEY, name text NOT NULL, applied_at bigint NOT NULL)");
        await session.ExecuteAsync(RecordsSchema.Steps[0].In(database.Dialect));
        await session.ExecuteAsync("INSERT INTO records_schema (version, name, applied_at) VALUES (1, 'image', 0)");
        return await session.ExecuteAsync("""
            INSERT INTO image (image_class_id, path, url, create_time, update_time, state, storage, size, media_type, crc64, original_name, node)
            VALUES (27, 'images/1.jpg', '/1.jpg', 1, 2, 'stored', 'oss', 9, 'image/jpeg', '18446744073709551615', '照片.jpg', 'node-a'),
                (0, 'images/2.jpg', '/2.jpg', 3, 4, 'pending', 'local', NULL, 'image/jpeg', NULL, NULL, 'node-a')
            """);
    }, Deadline);

    private async Task RequireContentsAsync(RecordsDatabase database)
    {
        var images = (await new ImageLibrary(database, TimeProvider.System).ListAsync(new ImageQuery(), 1, 10, Deadline)).Images;
        images.Should().Equal(new ImageRecord(
            images[0].Id, 27, "images/1.jpg", "", "/1.jpg", 50, Enabled: true, DateTimeOffset.FromUnixTimeMilliseconds(1),
            DateTimeOffset.FromUnixTimeMilliseconds(2), "oss", "", 9, "image/jpeg", "18446744073709551615", Sha256: null, Width: null,
            Height: null, "照片.jpg", "", "", DeletedAt: null));
        var pending = await new UploadRecords(database, "node-a", TimeProvider.System).PendingAsync(0, 10, Deadline);
        pending.Should().ContainSingle().Which.Store.Should().Be("local");
    }
}
