using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace OssProxy.Core.Records;

/// <summary>
/// The only one who writes to SQLite. Callers queue (up to 1024; beyond that they wait without holding a thread), one loop takes all that
/// is queued into one transaction and answers after its commit: 64 claims at once cost one flush of the disk, and at most one pool thread
/// is ever blocked by SQLite. Each piece of work has a savepoint, so one that fails takes nobody else with it; a commit that fails fails
/// all of them.
/// </summary>
internal sealed class SqliteWriter : IAsyncDisposable
{
    private const int QueueLength = 1024;
    private const int LargestBatch = 256;

    private readonly Channel<SqliteWork> _queue = Channel.CreateBounded<SqliteWork>(
        new BoundedChannelOptions(QueueLength) { SingleReader = true });

    private readonly Func<SqliteConnection> _open;
    private readonly Task _loop;
    private SqliteConnection? _connection;

    /// <param name="open">Opens the connection on first use, and again after a failure.</param>
    public SqliteWriter(Func<SqliteConnection> open)
    {
        _open = open;
        _loop = LoopAsync();
    }

    /// <summary>Queues work and returns its result once it is committed. Cancellation counts until the work begins.</summary>
    public async Task<T> WriteAsync<T>(Func<RecordsSession, Task<T>> run, CancellationToken cancellationToken)
    {
        var work = new SqliteWork<T>(run);
        await _queue.Writer.WriteAsync(work, cancellationToken);
        await using var _ = cancellationToken.UnsafeRegister(
            static (state, token) => ((SqliteWork<T>)state!).Withdraw(token), work);
        return await work.Outcome;
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop;
    }

    private async Task LoopAsync()
    {
        var batch = new List<SqliteWork>(LargestBatch);
        while (await _queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            while (batch.Count < LargestBatch && _queue.Reader.TryRead(out var work))
            {
                if (work.TryBegin())
                    batch.Add(work);
            }

            if (batch.Count > 0)
                await CommitAsync(batch);
            batch.Clear();
        }

        _connection?.Dispose();
    }

    private async Task CommitAsync(List<SqliteWork> batch)
    {
        try
        {
            _connection ??= _open();
            // In words of our own: what SQLite has rolled back by itself, as on a full disk, the driver's transaction rolls back once more when
            // it is disposed, and fails, and its connection with it.
            // BEGIN IMMEDIATE: the write lock is waited for here, once, and never upgraded to in the middle.
            Run("BEGIN IMMEDIATE");
            var session = new RecordsSession(_connection, transaction: null, CancellationToken.None);
            foreach (var work in batch)
            {
                Run("SAVEPOINT work");
                if (!await work.TryRunAsync(session))
                    Run("ROLLBACK TO work");
                Run("RELEASE work");
            }

            Run("COMMIT");
            batch.ForEach(work => work.Answer());
        }
        catch (Exception failure)
        {
            // After a full disk or a broken file SQLite may have rolled back by itself: nobody's work counts, and the connection is suspect.
            batch.ForEach(work => work.Fail(failure));
            Forget();
        }
    }

    private void Run(string statement)
    {
        using var command = _connection!.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }

    private void Forget()
    {
        if (_connection is not { } suspect)
            return;

        _connection = null;
        try
        {
            SqliteConnection.ClearPool(suspect);
            suspect.Dispose();
        }
        catch (SqliteException)
        {
            // A connection that cannot even be closed is left to the finalizer; the writer has to go on.
        }
    }
}
