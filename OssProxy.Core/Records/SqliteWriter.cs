using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace OssProxy.Core.Records;

/// <summary>
/// The only one who writes to SQLite. Callers queue (up to 1024; beyond that they wait without holding a thread), one loop takes all that
/// is queued into one transaction and answers after its commit: 64 claims at once cost one flush of the disk, and at most one pool thread
/// is ever blocked by SQLite. A piece of work that fails takes nobody else with it: the batch is then rolled back and done again with a
/// savepoint for each, so work may run twice. A commit that fails fails all of them.
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
    private SqliteStatements? _statements;

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

        _statements?.Dispose();
        _connection?.Dispose();
    }

    private async Task CommitAsync(List<SqliteWork> batch)
    {
        try
        {
            _connection ??= _open();
            _statements ??= new SqliteStatements(_connection);
            // In words of our own: what SQLite has rolled back by itself, as on a full disk, the driver's transaction rolls back once more when
            // it is disposed, and fails, and its connection with it.
            // BEGIN IMMEDIATE: the write lock is waited for here, once, and never upgraded to in the middle.
            _statements!.Run("BEGIN IMMEDIATE");
            if (!await TryRunAllAsync(batch))
            {
                RollBack();
                _statements.Run("BEGIN IMMEDIATE");
                await RunApartAsync(batch);
            }

            _statements.Run("COMMIT");
            batch.ForEach(work => work.Answer());
        }
        catch (Exception failure)
        {
            // After a full disk or a broken file SQLite may have rolled back by itself: nobody's work counts, and the connection is suspect.
            batch.ForEach(work => work.Fail(failure));
            Forget();
        }
    }

    // Hardly any work fails, and a savepoint for each costs as much as the work.
    private async Task<bool> TryRunAllAsync(List<SqliteWork> batch)
    {
        var session = new RecordsSession(_connection!, transaction: null, _statements, CancellationToken.None);
        foreach (var work in batch)
        {
            if (!await work.TryRunAsync(session))
                return false;
        }

        return true;
    }

    private async Task RunApartAsync(List<SqliteWork> batch)
    {
        var session = new RecordsSession(_connection!, transaction: null, _statements, CancellationToken.None);
        foreach (var work in batch)
        {
            _statements!.Run("SAVEPOINT work");
            if (!await work.TryRunAsync(session))
                _statements.Run("ROLLBACK TO work");
            _statements.Run("RELEASE work");
        }
    }

    private void RollBack()
    {
        try
        {
            _statements!.Run("ROLLBACK");
        }
        catch (SqliteException)
        {
            // A full disk has rolled back by itself; what then fails again fails for its own reason.
        }
    }

    private void Forget()
    {
        if (_connection is not { } suspect)
            return;

        _connection = null;
        var statements = _statements;
        _statements = null;
        foreach (var step in new Action[] { () => statements?.Dispose(), () => SqliteConnection.ClearPool(suspect), suspect.Dispose })
        {
            try
            {
                step();
            }
            catch (Exception failure) when (failure is SqliteException or InvalidOperationException)
            {
                // A connection that cannot even be closed is left to the finalizer; the writer has to go on.
            }
        }
    }
}
