using Microsoft.Extensions.Logging.Abstractions;
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

    protected override RecordsDatabase Create(bool empty) => For(empty ? _emptySchema : _schema);

    private static RecordsDatabase For(string connectionString) => RecordsDatabase.For(
        new RecordsOptions { Provider = "postgres", ConnectionString = connectionString }, "unused", TimeProvider.System, NullLoggerFactory.Instance);
}
