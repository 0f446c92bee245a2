using OssProxy.Core.Records;

namespace OssProxy.Tests.Records;

// The database below the records: its schema, its readiness, its failures.
public abstract partial class UploadRecordsSpecs
{
    [Fact]
    public async Task Nodes_that_start_at_once_agree_on_the_schema()
    {
        var nodes = Enumerable.Range(0, 8).Select(_ => OpenEmpty()).ToList();

        await Task.WhenAll(nodes.Select(node => node.StartAsync(Deadline)));
        await Task.WhenAll(nodes.Select(node => node.StartAsync(Deadline)));

        foreach (var node in nodes)
            await node.CheckAsync(Deadline);
    }

    [Fact]
    public async Task A_database_newer_than_the_program_is_refused_in_words_for_the_operator()
    {
        await Database.WriteAsync(
            WriteScope.Statement,
            session => session.ExecuteAsync("INSERT INTO records_schema (version, name, applied_at) VALUES (9999, 'later', 0)"),
            Deadline);

        var start = () => Open().StartAsync(Deadline);

        (await start.Should().ThrowAsync<RecordsException>()).Which.Message.Should().Contain("9999").And.Contain("Records:ConnectionString");
    }

    [Fact]
    public async Task A_database_without_the_tables_is_not_ready()
    {
        await Database.CheckAsync(Deadline);
        await Database.WriteAsync(WriteScope.Statement, session => session.ExecuteAsync("DROP TABLE records_schema"), Deadline);

        var check = () => Database.CheckAsync(Deadline);

        (await check.Should().ThrowAsync<RecordsException>()).Which.Error.Should().Be(RecordsError.RecordsUnavailable);
    }

    [Fact]
    public async Task A_look_tells_an_old_schema_from_a_current_one_and_changes_nothing()
    {
        (await Database.LookAsync(Deadline)).Should().BeTrue();
        await Database.WriteAsync(WriteScope.Statement, session => session.ExecuteAsync("DELETE FROM records_schema"), Deadline);
        (await Database.LookAsync(Deadline)).Should().BeFalse();
        await Database.WriteAsync(WriteScope.Statement, session => session.ExecuteAsync("DROP TABLE records_schema"), Deadline);
        (await Database.LookAsync(Deadline)).Should().BeFalse();

        var check = () => Database.CheckAsync(Deadline);

        await check.Should().ThrowAsync<RecordsException>("the table is still missing");
    }

    [Fact]
    public async Task Every_failure_of_the_driver_is_one_of_the_records()
    {
        await Database.DisposeAsync();

        var calls = new Func<Task>[]
        {
            () => Records.ClaimAsync(NewUpload(), Deadline),
            () => Records.FinishAsync([Finished(1)], new Filing(0, Created), Deadline),
            () => Records.ReleaseAsync(1, Deadline),
            () => Database.CheckAsync(Deadline),
        };

        foreach (var call in calls)
            (await call.Should().ThrowAsync<RecordsException>()).Which.Error.Should().Be(RecordsError.RecordsUnavailable);
    }
}
