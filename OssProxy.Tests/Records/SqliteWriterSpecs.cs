using System.Threading.Channels;
using Dapper;
using Microsoft.Data.Sqlite;
using OssProxy.Core.Records;

namespace OssProxy.Tests.Records;

public sealed class SqliteWriterSpecs : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("ossproxy-writer-").FullName;

    private string File => Path.Combine(_folder, "a.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_only_writer_outlives_a_commit_that_sqlite_has_rolled_back_by_itself()
    {
        var full = true;
        await using var writer = new SqliteWriter(() =>
        {
            var connection = new SqliteConnection($"Data Source={File}");
            connection.Open();
            // To the driver a refusal of this hook looks like a disk that is full when the commit reaches it.
            SQLitePCL.raw.sqlite3_commit_hook(connection.Handle, _ => full ? 1 : 0, null);
            return connection;
        });

        var first = () => WriteAsync(writer);
        await first.Should().ThrowAsync<SqliteException>();
        await first.Should().ThrowAsync<SqliteException>("the disk is still full");
        full = false;

        await WriteAsync(writer);
    }

    [Fact]
    public async Task Work_that_fails_in_a_batch_is_rolled_back_alone_and_the_others_are_stored()
    {
        var commits = 0;
        await using var writer = new SqliteWriter(() => Open(() => commits++));
        await WriteAsync(writer, session => session.ExecuteAsync("CREATE TABLE t (x UNIQUE)"));
        var (first, held) = await HoldAsync(writer);

        // All of these wait while the first is being done, and are then one batch.
        var before = WriteAsync(writer, session => AddAsync(session, "before"));
        var refused = WriteAsync(writer, async session =>
        {
            await AddAsync(session, "half");
            return await AddAsync(session, "before");
        });
        var between = WriteAsync(writer, session => AddAsync(session, "between"));
        var broken = WriteAsync<int>(writer, async session =>
        {
            await AddAsync(session, "other half");
            throw new FormatException("not of the database");
        });
        var behind = WriteAsync(writer, session => AddAsync(session, "behind"));
        commits = 0;
        held.SetResult();

        await Task.WhenAll(first, before, between, behind);
        (await refused.Awaiting(work => work).Should().ThrowAsync<SqliteException>()).Which.SqliteErrorCode.Should().Be(19, "not unique");
        await broken.Awaiting(work => work).Should().ThrowAsync<FormatException>();
        Stored().Should().Equal("before", "behind", "between", "first");
        commits.Should().Be(2, "five pieces of work are one batch");
    }

    [Fact]
    public async Task What_waits_when_the_writer_is_closed_is_stored_and_nothing_is_taken_afterwards()
    {
        var writer = new SqliteWriter(() => Open(() => { }));
        await WriteAsync(writer, session => session.ExecuteAsync("CREATE TABLE t (x UNIQUE)"));
        var (first, held) = await HoldAsync(writer);
        var waiting = Enumerable.Range(0, 300).Select(i => WriteAsync(writer, session => AddAsync(session, $"waiting {i:000}"))).ToList();
        using var patience = new CancellationTokenSource();
        var withdrawn = writer.WriteAsync(session => AddAsync(session, "withdrawn"), patience.Token);

        var closing = writer.DisposeAsync().AsTask();
        await patience.CancelAsync();
        closing.IsCompleted.Should().BeFalse("what was taken is finished first");
        held.SetResult();
        await closing.WaitAsync(Deadline);

        await Task.WhenAll(waiting.Append(first));
        await withdrawn.Awaiting(work => work).Should().ThrowAsync<OperationCanceledException>();
        Stored().Should().HaveCount(301).And.NotContain("withdrawn");
        var late = () => WriteAsync(writer, session => AddAsync(session, "late"));
        await late.Should().ThrowAsync<ChannelClosedException>();
    }

    // The writer in the middle of one piece of work: what comes now waits, and is the next batch.
    private static async Task<(Task<int> Work, TaskCompletionSource Held)> HoldAsync(SqliteWriter writer)
    {
        var begun = new TaskCompletionSource();
        var held = new TaskCompletionSource();
        var work = WriteAsync(writer, async session =>
        {
            begun.TrySetResult();
            await held.Task;
            return await AddAsync(session, "first");
        });
        await begun.Task.WaitAsync(Deadline);
        return (work, held);
    }

    private static Task<int> AddAsync(RecordsSession session, string text) =>
        session.ExecuteAsync("INSERT INTO t VALUES (@Text)", new { Text = text });

    private static Task<T> WriteAsync<T>(SqliteWriter writer, Func<RecordsSession, Task<T>> work) =>
        writer.WriteAsync(work, CancellationToken.None).WaitAsync(Deadline);

    private List<string> Stored()
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        return [.. connection.Query<string>("SELECT x FROM t ORDER BY x")];
    }

    private SqliteConnection Open(Action onCommit)
    {
        var connection = new SqliteConnection($"Data Source={File}");
        connection.Open();
        SQLitePCL.raw.sqlite3_commit_hook(
            connection.Handle,
            _ =>
            {
                onCommit();
                return 0;
            },
            null);
        return connection;
    }

    private static Task<int> WriteAsync(SqliteWriter writer) =>
        writer.WriteAsync(session => session.ExecuteAsync("CREATE TABLE t (x)"), CancellationToken.None).WaitAsync(Deadline);
}
