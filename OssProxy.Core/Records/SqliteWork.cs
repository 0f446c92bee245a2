namespace OssProxy.Core.Records;

/// <summary>One piece of work in the writer's queue.</summary>
internal abstract class SqliteWork
{
    /// <summary>Takes the work for a batch; false when its caller has withdrawn it.</summary>
    public abstract bool TryBegin();

    /// <summary>Does the work; false when it failed. May be called again after a rollback; only the last time counts. The caller hears of either only through <see cref="Answer"/>.</summary>
    public abstract Task<bool> TryRunAsync(RecordsSession session);

    /// <summary>Gives the caller the result or the failure, now that the batch is committed.</summary>
    public abstract void Answer();

    /// <summary>Tells the caller that the batch was not committed. An own failure goes first.</summary>
    public abstract void Fail(Exception exception);
}

/// <inheritdoc/>
internal sealed class SqliteWork<T>(Func<RecordsSession, Task<T>> run) : SqliteWork
{
    private const int Queued = 0;
    private const int Begun = 1;
    private const int Withdrawn = 2;

    // Continuations run elsewhere: the writer's loop must not run the callers' code.
    private readonly TaskCompletionSource<T> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _state = Queued;
    private T? _result;
    private Exception? _failure;

    /// <summary>Ends when the work is committed, has failed, or is withdrawn.</summary>
    public Task<T> Outcome => _outcome.Task;

    /// <summary>Ends the work as cancelled unless it has begun.</summary>
    public void Withdraw(CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _state, Withdrawn, Queued) == Queued)
            _outcome.TrySetCanceled(cancellationToken);
    }

    public override bool TryBegin() => Interlocked.CompareExchange(ref _state, Begun, Queued) == Queued;

    public override async Task<bool> TryRunAsync(RecordsSession session)
    {
        try
        {
            _failure = null;
            _result = await run(session);
            return true;
        }
        catch (Exception failure)
        {
            _failure = failure;
            return false;
        }
    }

    public override void Answer()
    {
        if (_failure is null)
            _outcome.TrySetResult(_result!);
        else
            _outcome.TrySetException(_failure);
    }

    public override void Fail(Exception exception) => _outcome.TrySetException(_failure ?? exception);
}
