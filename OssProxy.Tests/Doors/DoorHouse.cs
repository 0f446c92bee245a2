using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using OssProxy.Core.Records;
using OssProxy.Core.Storage;
using OssProxy.Tests.Api;

namespace OssProxy.Tests.Doors;

/// <summary>A server with all its doors, over one sort of store and one sort of database.</summary>
public abstract class DoorHouse : IAsyncLifetime
{
    private ApiServer? _server;
    private int _classes;

    internal ApiServer Server => _server!;

    private RecordsDatabase Database => Server.Services.GetRequiredService<RecordsDatabase>();

    /// <summary>What is there in all.</summary>
    public sealed record Count(long Rows, int Objects);

    /// <summary>What a record says of a file.</summary>
    internal sealed record Row(string Path, string Name, string Owner, string? Sha256, long ClassId);

    /// <summary>Whether the main doors store in OSS.</summary>
    internal bool HasOss => Server.Services.GetRequiredService<ObjectStores>().Main.Name == "oss";

    public async Task InitializeAsync() => _server = await ApiServer.StartAsync([
        ("Uploads:MaxFileBytes", "1000000"),
        ("Uploads:RecheckDelay", "00:00:01"),
        ("Reconciliation:PollInterval", "00:00:00.2"),
        .. await SettingsAsync(),
    ]);

    public async Task DisposeAsync() => await Server.DisposeAsync();

    /// <summary>A class of its own for an attack.</summary>
    internal async Task<long> ClassAsync(Attack attack)
    {
        var classes = Server.Services.GetRequiredService<ImageClasses>();
        var above = await CreateAsync(classes, parent: 0);
        var id = attack.Inherited ? await CreateAsync(classes, above) : above;
        if (attack.Policy is not null)
            await classes.SetPolicyAsync(above, attack.Policy, CancellationToken.None);
        if (attack.Disabled)
            await classes.UpdateAsync(above, new ClassDraft { Enabled = false }, CancellationToken.None);
        if (attack.Deleted)
            await classes.DeleteAsync(above, new Retentions(TimeSpan.FromDays(1), new Dictionary<long, TimeSpan>()), progress: null, CancellationToken.None);
        return id;
    }

    internal async Task<Count> CountAsync()
    {
        var rows = await Database.ReadAsync(
            session => session.ScalarAsync<long>("SELECT count(*) FROM image"), CancellationToken.None);
        var uploads = Path.Combine(Server.Folder, "data", "uploads");
        var files = Directory.Exists(uploads)
            ? Directory.EnumerateFiles(uploads, "*", SearchOption.AllDirectories).Count(path => Path.GetExtension(path) is ".jpg" or ".png")
            : 0;
        return new Count(rows, files + StoreContents.ObjectCount(Server.Folder));
    }

    internal async Task<Row> LastRowAsync() => (await Database.ReadAsync(
        session => session.QueryAsync<Row>(
            """
            SELECT path AS Path, name AS Name, owner AS Owner, sha256 AS Sha256, image_class_id AS ClassId
            FROM image ORDER BY id DESC LIMIT 1
            """),
        CancellationToken.None)).Single();

    /// <summary>Has the database refuse to touch a table, until the result is disposed.</summary>
    /// <param name="deed">INSERT, UPDATE or DELETE.</param>
    /// <param name="onlyIf">Of which rows; a condition over NEW or OLD.</param>
    internal async Task<IAsyncDisposable> BreakAsync(string table, string deed, string onlyIf)
    {
        if (Database.Dialect == SqlDialect.Postgres)
        {
            await RunAsync($"""
                CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''broken''; END';
                CREATE TRIGGER broken BEFORE {deed} ON {table} FOR EACH ROW WHEN ({onlyIf}) EXECUTE FUNCTION refuse()
                """);
            return new Broken(() => RunAsync($"DROP TRIGGER broken ON {table}"));
        }

        await RunAsync($"CREATE TRIGGER broken BEFORE {deed} ON {table} WHEN {onlyIf} BEGIN SELECT RAISE(ABORT, 'broken'); END");
        return new Broken(() => RunAsync("DROP TRIGGER broken"));
    }

    /// <summary>How many rows a condition meets.</summary>
    internal Task<long> RowsAsync(string condition) => Database.ReadAsync(
        session => session.ScalarAsync<long>("SELECT count(*) FROM image WHERE " + condition), CancellationToken.None);

    /// <summary>What a browser is told to do with a file: by this server where it serves the file, else by what OSS keeps beside it.</summary>
    /// <param name="url">The file's, as its sender was answered.</param>
    internal async Task<string?> DispositionAsync(Row row, string url, bool isLocal)
    {
        var stores = Server.Services.GetRequiredService<ObjectStores>();
        if (!isLocal && HasOss)
            return (await stores.Main.Store.HeadAsync(ObjectKey.Parse(row.Path), CancellationToken.None))!.ContentDisposition;

        url.Should().Contain("/public/uploads/");
        using var response = await Server.Client.GetAsync(url);
        response.EnsureSuccessStatusCode();
        return response.Content.Headers.NonValidated.TryGetValues("Content-Disposition", out var values) ? values.ToString() : null;
    }

    /// <summary>What the main store keeps beside an object.</summary>
    internal async Task<StoredObject> HeadAsync(ObjectKey key) =>
        (await Server.Services.GetRequiredService<ObjectStores>().Main.Store.HeadAsync(key, CancellationToken.None))!;

    /// <summary>Where this house keeps its files and rows.</summary>
    protected abstract Task<(string Key, string Value)[]> SettingsAsync();

    private Task<int> RunAsync(string sql) =>
        Database.WriteAsync(WriteScope.Statement, session => session.ExecuteAsync(sql), CancellationToken.None);

    private sealed class Broken(Func<Task> mend) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await mend();
    }

    private async Task<long> CreateAsync(ImageClasses classes, long parent)
    {
        var draft = new ClassDraft
        {
            Name = string.Create(CultureInfo.InvariantCulture, $"class {++_classes}"),
            ParentId = parent,
        };
        return (await classes.CreateAsync(draft, CancellationToken.None)).Id;
    }
}
