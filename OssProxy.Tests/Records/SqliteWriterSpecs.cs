using Microsoft.Data.Sqlite;
using OssProxy.Core.Records;

namespace OssProxy.Tests.Records;

public sealed class SqliteWriterSpecs : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("ossproxy-writer-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_only_writer_outlives_a_commit_that_sqlite_has_rolled_back_by_itself()
    {
        var full = true;
        await using var writer = new SqliteWriter(() =>
        {
            var connection = new SqliteConnection($"Data Source={Path.Combine(_folder, "a.db")}");
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

    private static Task<int> WriteAsync(SqliteWriter writer) =>
        writer.WriteAsync(session => session.ExecuteAsync("CREATE TABLE t (x)"), CancellationToken.None).WaitAsync(Deadline);
}
