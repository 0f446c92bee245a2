namespace OssProxy.Emulator;

/// <summary>The rules in force, changed at run time. Thread-safe.</summary>
public sealed class FaultRules
{
    private readonly Lock _gate = new();
    private readonly List<ActiveFault> _faults = [];
    private int _lastNumber;

    /// <summary>Adds a rule; disposing what is returned removes it and releases whoever it holds.</summary>
    public ActiveFault Add(FaultRule rule)
    {
        lock (_gate)
        {
            var fault = new ActiveFault(this, rule, ++_lastNumber);
            _faults.Add(fault);
            return fault;
        }
    }

    public IReadOnlyList<ActiveFault> Snapshot()
    {
        lock (_gate)
            return [.. _faults];
    }

    /// <summary>Removes all rules and releases every stalled request.</summary>
    public void Clear()
    {
        foreach (var fault in Snapshot())
            fault.Dispose();
    }

    internal void Remove(ActiveFault fault)
    {
        lock (_gate)
            _faults.Remove(fault);
    }

    internal ActiveFault? Match(OssOperation operation, string? bucket, string? key)
    {
        lock (_gate)
        {
            ActiveFault? chosen = null;
            foreach (var fault in _faults.Where(f => f.Rule.Fits(operation, bucket, key)))
            {
                if (fault.CountCall() && chosen is null)
                    chosen = fault;
            }

            chosen?.CountHit();
            return chosen;
        }
    }
}

/// <summary>A rule in force and what it has done so far.</summary>
public sealed class ActiveFault : IDisposable
{
    private readonly FaultRules _owner;
    private readonly TaskCompletionSource _firstHit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _calls;
    private int _hits;

    internal ActiveFault(FaultRules owner, FaultRule rule, int number) => (_owner, Rule, Number) = (owner, rule, number);

    public FaultRule Rule { get; }

    public int Number { get; }

    /// <summary>Requests it was applied to.</summary>
    public int Hits => Volatile.Read(ref _hits);

    internal string Label => Rule.Name ?? Number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Completes when the rule has been applied once.</summary>
    public Task WaitForHitAsync(CancellationToken cancellationToken) => _firstHit.Task.WaitAsync(cancellationToken);

    /// <summary>Lets stalled requests go on to their ordinary reply.</summary>
    public void Release() => _released.TrySetResult();

    public void Dispose()
    {
        _owner.Remove(this);
        Release();
    }

    internal Task WaitForReleaseAsync(CancellationToken cancellationToken) => _released.Task.WaitAsync(cancellationToken);

    internal bool CountCall()
    {
        _calls++;
        return _calls >= Rule.First && (Rule.Count is not { } count || _calls < Rule.First + (long)count);
    }

    internal void CountHit()
    {
        Interlocked.Increment(ref _hits);
        _firstHit.TrySetResult();
    }
}
