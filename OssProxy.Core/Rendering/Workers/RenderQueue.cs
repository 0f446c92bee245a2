namespace OssProxy.Core.Rendering.Workers;

/// <summary>
/// Where jobs wait for lanes and lanes for jobs. Those that are urgent go before all others; the others take turns by client. Where all
/// places are taken, who has fewer than another displaces the last of the other's: a few who ask for much do not shut out the rest. Of the
/// lanes that are idle the one goes first that became so last, because its worker is the warmest, and those that are needed less and less
/// may end.
/// </summary>
/// <param name="length">Jobs that may wait, not counting those that are urgent.</param>
internal sealed class RenderQueue(int length)
{
    private readonly FairQueue<RenderTicket> _urgent = new();
    private readonly FairQueue<RenderTicket> _waiting = new();
    private readonly Stack<TaskCompletionSource<RenderTicket?>> _idle = new();
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _closed;

    /// <summary>Ends when nothing is let in any more.</summary>
    public Task Closed => _closing.Task;

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
    /// <param name="displaced">A job that has lost its place to this one, and is nobody's now; else null.</param>
    public bool TryEnqueue(RenderTicket ticket, out RenderTicket? displaced)
    {
        displaced = null;
        lock (_gate)
        {
            if (_closed)
                return false;
            if (_idle.TryPop(out var lane))
            {
                lane.SetResult(ticket);
                return true;
            }

            if (ticket.IsUrgent)
            {
                ticket.Place = _urgent.Add(ticket.Client, ticket);
                return true;
            }

            if (_waiting.Count >= length)
            {
                if (_waiting.LastOfLongerThan(ticket.Client) is not { } last)
                    return false;
                _waiting.Remove(last);
                displaced = last.Item;
            }

            ticket.Place = _waiting.Add(ticket.Client, ticket);
            return true;
        }
    }

    /// <summary>Takes back a job from a lane that cannot do it: another that is idle has it, or it is the next. False at the end, when it is
    /// the lane's still.</summary>
    public bool TryReturn(RenderTicket ticket)
    {
        lock (_gate)
        {
            if (_closed)
                return false;
            if (_idle.TryPop(out var lane))
                lane.SetResult(ticket);
            else
                ticket.Place = (ticket.IsUrgent ? _urgent : _waiting).AddFirst(ticket.Client, ticket);
            return true;
        }
    }

    /// <summary>Takes back a job that still waits; false when a lane has it.</summary>
    public bool TryRemove(RenderTicket ticket)
    {
        lock (_gate)
            return ticket.Place is { } place && (ticket.IsUrgent ? _urgent : _waiting).Remove(place);
    }

    /// <summary>The next job for a lane; null at the end.</summary>
    public Task<RenderTicket?> TakeAsync()
    {
        lock (_gate)
        {
            if (_urgent.TryTake(out var next) || _waiting.TryTake(out next))
                return Task.FromResult<RenderTicket?>(next);
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
            _closing.TrySetResult();
            while (_idle.TryPop(out var lane))
                lane.SetResult(null);
            RenderTicket[] left = [.. _urgent.All, .. _waiting.All];
            _urgent.Clear();
            _waiting.Clear();
            return left;
        }
    }
}
