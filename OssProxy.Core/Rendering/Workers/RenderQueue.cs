namespace OssProxy.Core.Rendering.Workers;

/// <summary>
/// Where jobs wait for lanes and lanes for jobs. Jobs go first in, first out, those that are urgent before
/// all others; of the lanes that are idle the one goes first that became so
/// last, because its worker is the warmest, and those that are needed less and less may end.
/// </summary>
/// <param name="length">Jobs that may wait, not counting those that are urgent.</param>
internal sealed class RenderQueue(int length)
{
    private readonly LinkedList<RenderTicket> _urgent = new();
    private readonly LinkedList<RenderTicket> _waiting = new();
    private readonly Stack<TaskCompletionSource<RenderTicket?>> _idle = new();
    private readonly Lock _gate = new();
    private bool _closed;

    /// <summary>Jobs that wait.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _urgent.Count + _waiting.Count;
        }
    }

    /// <summary>Gives a job to a lane or lets it wait; false when there is no room.</summary>
    public bool TryEnqueue(RenderTicket ticket)
    {
        lock (_gate)
        {
            if (_closed)
                return false;
            if (_idle.TryPop(out var lane))
            {
                lane.SetResult(ticket);
                return true;
            }

            if (!ticket.IsUrgent && _waiting.Count >= length)
                return false;
            (ticket.IsUrgent ? _urgent : _waiting).AddLast(ticket);
            return true;
        }
    }

    /// <summary>Takes back a job that still waits; false when a lane has it.</summary>
    public bool TryRemove(RenderTicket ticket)
    {
        lock (_gate)
            return (ticket.IsUrgent ? _urgent : _waiting).Remove(ticket);
    }

    /// <summary>The next job for a lane; null at the end.</summary>
    public Task<RenderTicket?> TakeAsync()
    {
        lock (_gate)
        {
            if ((_urgent.First ?? _waiting.First) is { } first)
            {
                first.List!.Remove(first);
                return Task.FromResult<RenderTicket?>(first.Value);
            }

            if (_closed)
                return Task.FromResult<RenderTicket?>(null);
            var turn = new TaskCompletionSource<RenderTicket?>(TaskCreationOptions.RunContinuationsAsynchronously);
            _idle.Push(turn);
            return turn.Task;
        }
    }

    /// <summary>Lets nothing in any more; returns what waits, which is nobody's then.</summary>
    public IReadOnlyList<RenderTicket> Close()
    {
        lock (_gate)
        {
            _closed = true;
            while (_idle.TryPop(out var lane))
                lane.SetResult(null);
            RenderTicket[] left = [.. _urgent, .. _waiting];
            _urgent.Clear();
            _waiting.Clear();
            return left;
        }
    }
}
