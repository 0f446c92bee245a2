using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using OssProxy.Core.Records;

namespace OssProxy.Tests.Records;

public sealed class SqliteUploadRecordsSpecs : UploadRecordsSpecs
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ossproxy-records-").FullName;

    private string EmptyFolder => Path.Combine(_folder, "empty");

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task The_database_is_a_file_in_the_data_folder_and_survives_a_power_cut()
    {
        File.Exists(Path.Combine(_folder, "records.db")).Should().BeTrue();

        var journal = await Database.ReadAsync(session => session.ScalarAsync<string>("PRAGMA journal_mode"), Deadline);
        var synchronous = await Database.WriteAsync(
            WriteScope.Statement, session => session.ScalarAsync<long>("PRAGMA synchronous"), Deadline);

        journal.Should().Be("wal");
        synchronous.Should().Be(2, "FULL flushes every commit");
    }

    [Fact]
    public async Task A_lock_held_by_another_program_is_waited_for()
    {
        await using var other = new SqliteConnection($"Data Source={Path.Combine(_folder, "records.db")}");
        await other.OpenAsync(Deadline);
        await using var transaction = (SqliteTransaction)await other.BeginTransactionAsync(Deadline);

        var claim = Records.ClaimAsync(NewUpload(), Deadline);
        claim.IsCompleted.Should().BeFalse();
        await transaction.CommitAsync(Deadline);

        (await claim).Should().BePositive();
    }

    [Fact]
    public async Task Reading_goes_on_while_another_program_writes()
    {
        await using var other = new SqliteConnection($"Data Source={Path.Combine(_folder, "records.db")}");
        await other.OpenAsync(Deadline);
        await using var transaction = (SqliteTransaction)await other.BeginTransactionAsync(Deadline);

        (await Records.PendingAsync(0, 10, Deadline)).Should().BeEmpty();
    }

    protected override RecordsDatabase Create(bool empty) =>
        RecordsDatabase.For(new RecordsOptions(), empty ? EmptyFolder : _folder, TimeProvider.System, NullLoggerFactory.Instance);
}
