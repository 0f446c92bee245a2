namespace OssProxy.Tests.Faults;

/// <summary>What can happen to bytes between two sockets.</summary>
public enum FaultKind
{
    /// <summary>They come later.</summary>
    Latency,

    /// <summary>From now on they come slowly.</summary>
    Throttle,

    /// <summary>Their sender says "no more" although there is more; the other direction stays open.</summary>
    Fin,

    /// <summary>Both ends are told that the connection has broken.</summary>
    Reset,

    /// <summary>They come no more, and nobody says so; the other direction goes on.</summary>
    Silence,

    /// <summary>One end has gone and the other is not told: nothing passes in either direction, nothing closes.</summary>
    HalfOpen,

    /// <summary>One bit of the next byte is another.</summary>
    Corruption,
}

/// <summary>When a fault strikes, in the life of a request. All but <see cref="BeforeAnswer"/> strike the bytes of the request.</summary>
public enum Moment
{
    /// <summary>The head has passed; the first byte of the body, which may be one of framing, has come and does not pass.</summary>
    BeforeBody,

    /// <summary>So many bytes of content have passed, however they are framed.</summary>
    InBody,

    /// <summary>All has passed but the last byte, which is one of framing when the body is chunked.</summary>
    BeforeLastByte,

    /// <summary>All has passed.</summary>
    AfterLastByte,

    /// <summary>All has passed and has been answered; nothing of the answer has passed.</summary>
    BeforeAnswer,
}

/// <summary>The ends of a proxy.</summary>
public enum Peer
{
    /// <summary>Who connects.</summary>
    Client,

    /// <summary>Who is connected to.</summary>
    Target,
}

/// <summary>What goes wrong, when, and for which requests.</summary>
internal sealed record Fault(FaultKind Kind, Moment Moment)
{
    /// <summary>How the request line begins; empty for every request.</summary>
    public string Request { get; init; } = "";

    /// <summary>For <see cref="Moment.InBody"/>: bytes of content that pass first.</summary>
    public long At { get; init; }

    /// <summary>How many requests are struck.</summary>
    public int Times { get; init; } = int.MaxValue;

    /// <summary>For <see cref="FaultKind.HalfOpen"/>: who has gone.</summary>
    public Peer Gone { get; init; } = Peer.Client;

    /// <summary>For <see cref="FaultKind.Latency"/>.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromMilliseconds(150);

    /// <summary>For <see cref="FaultKind.Throttle"/>.</summary>
    public int BytesPerSecond { get; init; } = 1_000_000;
}

/// <summary>A fault in force, until it is disposed.</summary>
internal sealed class ArmedFault(Fault fault, Action<ArmedFault> disarm) : IDisposable
{
    private readonly TaskCompletionSource _struck = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _hits;

    public Fault Fault => fault;

    /// <summary>How often it has struck.</summary>
    public int Hits => Math.Min(Volatile.Read(ref _hits), fault.Times);

    /// <summary>When it has struck for the first time.</summary>
    public Task Struck => _struck.Task;

    public bool IsOver { get; private set; }

    public bool TryStrike()
    {
        if (IsOver || Interlocked.Increment(ref _hits) > fault.Times)
            return false;
        _struck.TrySetResult();
        return true;
    }

    public void Dispose()
    {
        IsOver = true;
        disarm(this);
    }
}
