namespace OssProxy.Core.Derivatives;

/// <summary>
/// Work that several ask for at once and that is done once: the first to ask for a name begins it, the others wait for the same outcome, a
/// failure included. It is cancelled when the last who waits has left, and whoever comes after that begins anew.
/// </summary>
internal sealed class SharedWork<T>
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Turn> _turns = new(StringComparer.Ordinal);

    /// <summary>How many are under way.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _turns.Count;
        }
    }

    /// <summary>How many wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
                return _turns.Values.Sum(turn => turn.Waiting);
        }
    }

    /// <summary>The outcome of the work of this name.</summary>
    /// <param name="work">What is done, where nobody does it yet; ends soon after its turn's token is cancelled.</param>
    /// <param name="admit">Asked of everybody who waits once the work has said that it becomes costly (<see cref="Turn.AdmittedAsync"/>);
    /// what it throws sends this one away, what it returns is disposed in the end. Null where everybody is admitted.</param>
    public async Task<T> RunAsync(string name, Func<Turn, Task<T>> work, Func<IDisposable>? admit, CancellationToken cancellationToken)
    {
        Turn? turn;
        var isFirst = false;
        lock (_gate)
        {
            if (!_turns.TryGetValue(name, out turn))
            {
                _turns.Add(name, turn = new Turn());
                isFirst = true;
            }

            turn.Waiting++;
        }

        if (isFirst)
            _ = DoAsync(name, turn, work);
        IDisposable? share = null;
        try
        {
            await Task.WhenAny(turn.Outcome, turn.Costly).WaitAsync(cancellationToken);
            if (!turn.Outcome.IsCompleted)
            {
                share = admit?.Invoke();
                turn.Admit();
            }

            return await turn.Outcome.WaitAsync(cancellationToken);
        }
        finally
        {
            share?.Dispose();
            Leave(name, turn);
        }
    }

    private async Task DoAsync(string name, Turn turn, Func<Turn, Task<T>> work)
    {
        try
        {
            var outcome = await work(turn);
            Close(name, turn);
            turn.Succeed(outcome);
        }
        catch (OperationCanceledException) when (turn.Token.IsCancellationRequested)
        {
            Close(name, turn);
            turn.Cancel();
        }
        catch (Exception failure)
        {
            // Whatever it is, everybody who waits hears of it.
            Close(name, turn);
            turn.Fail(failure);
        }
        finally
        {
            turn.Dispose();
        }
    }

    private void Leave(string name, Turn turn)
    {
        lock (_gate)
        {
            if (--turn.Waiting > 0 || turn.Outcome.IsCompleted)
                return;
            Remove(name, turn);
        }

        turn.Abandon();
    }

    private void Close(string name, Turn turn)
    {
        lock (_gate)
            Remove(name, turn);
    }

    // Not another one that has begun since under the name.
    private void Remove(string name, Turn turn)
    {
        if (_turns.TryGetValue(name, out var there) && ReferenceEquals(there, turn))
            _turns.Remove(name);
    }

    /// <summary>One piece of work and those who wait for it.</summary>
    public sealed class Turn : IDisposable
    {
        private readonly CancellationTokenSource _abandoned = new();
        private readonly TaskCompletionSource _costly = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _admitted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<T> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Turn() => Token = _abandoned.Token;

        /// <summary>Cancelled when nobody waits any more.</summary>
        public CancellationToken Token { get; }

        internal int Waiting { get; set; }

        internal Task Costly => _costly.Task;

        internal Task<T> Outcome => _outcome.Task;

        /// <summary>To be awaited before what is costly: returns once somebody who waits has been admitted to it.</summary>
        /// <exception cref="OperationCanceledException">Nobody was.</exception>
        public Task AdmittedAsync()
        {
            _costly.TrySetResult();
            return _admitted.Task.WaitAsync(Token);
        }

        public void Dispose() => _abandoned.Dispose();

        internal void Admit() => _admitted.TrySetResult();

        internal void Abandon()
        {
            try
            {
                _abandoned.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It ended at the same moment.
            }
        }

        internal void Succeed(T outcome) => _outcome.TrySetResult(outcome);

        internal void Cancel() => _outcome.TrySetCanceled(Token);

        internal void Fail(Exception failure)
        {
            _outcome.TrySetException(failure);
            // Perhaps nobody waits any more; then nobody has to hear of it.
            _ = _outcome.Task.Exception;
        }
    }
}
