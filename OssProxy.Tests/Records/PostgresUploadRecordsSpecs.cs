using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using OssProxy.Core.Records;

namespace OssProxy.Tests.Records;

[Collection(PostgresCollection.Name)]
public sealed class PostgresUploadRecordsSpecs(PostgresServer server) : UploadRecordsSpecs
{
    private string _schema = "";
    private string _emptySchema = "";

    public override async Task InitializeAsync()
    {
        _schema = await server.NewSchemaAsync(Deadline);
        _emptySchema = await server.NewSchemaAsync(Deadline);
        await base.InitializeAsync();
    }

    [Fact]
    public async Task A_read_only_server_is_not_ready()
    {
        await using var database = For(_schema + ";Options=-c default_transaction_read_only=on");

        var check = () => database.CheckAsync(Deadline);

        (await check.Should().ThrowAsync<RecordsException>()).Which.Error.Should().Be(RecordsError.RecordsUnavailable);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_said_to_be_unavailable()
    {
        await using var database = For("Host=127.0.0.1;Port=1;Username=postgres;Password=hunter2");

        var start = () => database.StartAsync(Deadline);

        var thrown = (await start.Should().ThrowAsync<RecordsException>()).Which;
        thrown.Error.Should().Be(RecordsError.RecordsUnavailable);
        thrown.ToString().Should().NotContain("hunter2");
    }

    [Fact]
    public async Task An_upload_that_finishes_while_its_class_is_being_deleted_waits_and_hears_of_it()
    {
        var id = await Records.ClaimAsync(NewUpload(), Deadline);
        var filing = new Filing(await ClassAsync(), DateTimeOffset.UnixEpoch);
        await using var source = NpgsqlDataSource.Create(_schema);
        await using var connection = await source.OpenConnectionAsync(Deadline);
        await using var deleting = await connection.BeginTransactionAsync(Deadline);
        await using var delete = new NpgsqlCommand("DELETE FROM image_class", connection, deleting);
        await delete.ExecuteNonQueryAsync(Deadline);

        var finish = Records.FinishAsync([Finished(id)], filing, Deadline);
        await Eventually.TrueAsync(async () => finish.IsCompleted || await SomebodyWaitsAsync(source), "the upload meets the deletion");
        await deleting.CommitAsync(Deadline);

        var finishing = () => finish;
        (await finishing.Should().ThrowAsync<RecordsException>()).Which.Error.Should().Be(RecordsError.ClassNotFound);
    }

    protected override RecordsDatabase Create(bool empty) => For(empty ? _emptySchema : _schema);

    private static async Task<bool> SomebodyWaitsAsync(NpgsqlDataSource source)
    {
        await using var look = source.CreateCommand("SELECT count(*) FROM pg_locks WHERE NOT granted");
        return (long)(await look.ExecuteScalarAsync())! > 0;
    }

    private static RecordsDatabase For(string connectionString) => RecordsDatabase.For(
        new RecordsOptions { Provider = "postgres", ConnectionString = connectionString }, "unused", TimeProvider.System, NullLoggerFactory.Instance);
}
