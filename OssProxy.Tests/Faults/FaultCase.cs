namespace OssProxy.Tests.Faults;

/// <summary>A way for bytes to get to the store, and what it needs to be put to the test.</summary>
/// <param name="Name">As in <c>?mode=</c>.</param>
/// <param name="Bytes">Length of the file that shows it.</param>
internal sealed record Way(string Name, int Bytes)
{
    /// <summary>Every transfer that the matrix covers.</summary>
    public static readonly Way[] All =
    [
        new("stream", 300_000) { IsChunked = true },
        new("temp", 300_000),
        new("auto", 300_000),
        new("parts", 2_500_000) { IsOnePut = false, Settings = [("Uploads:PartBytes", "1048576")] },
    ];

    /// <summary>Whether one put is the whole upload, so that an answer to it that was lost can be asked for.</summary>
    public bool IsOnePut { get; init; } = true;

    /// <summary>Whether the store gets the body in chunks, for want of its length.</summary>
    public bool IsChunked { get; init; }

    /// <summary>Settings that it wants.</summary>
    public (string Key, string Value)[] Settings { get; init; } = [];
}

/// <summary>Where the fault is.</summary>
public enum Side
{
    /// <summary>Between client and server.</summary>
    Client,

    /// <summary>Between server and store.</summary>
    Store,
}

/// <summary>One cell of the matrix, and what has to come of it.</summary>
internal sealed record FaultCase(Side Side, FaultKind Kind, Way Way, Moment Moment)
{
    private const string Stored = LogCatcher.Stored;

    // Half of the shortest file, and less than any part.
    private const int HalfWay = 150_000;

    private static readonly Moment[] Moments = [Moment.BeforeBody, Moment.InBody, Moment.BeforeLastByte, Moment.BeforeAnswer];

    /// <summary>The whole matrix.</summary>
    public static IEnumerable<FaultCase> All =>
        from side in Enum.GetValues<Side>()
        from kind in Enum.GetValues<FaultKind>()
        from way in Way.All
        from moment in Moments
        select new FaultCase(side, kind, way, moment);

    /// <summary>The name of its file.</summary>
    public string Id => $"{Side}-{Kind}-{Way.Name}-{Moment}";

    /// <summary>Cases that wait for a clock have servers of their own, whose clocks are short, beside which the others need not hurry.</summary>
    public (Side Side, string Way, FaultKind? Kind) Lane => (Side, Way.Name, IsMute ? Kind : null);

    /// <summary>Whether only a clock finds out.</summary>
    public bool IsMute => Kind is FaultKind.Silence or FaultKind.HalfOpen;

    /// <summary>Whether the client can hear an answer in full.</summary>
    public bool IsHeard => Side == Side.Store || Moment != Moment.BeforeAnswer
        ? Side == Side.Store || Kind is not (FaultKind.Fin or FaultKind.Reset or FaultKind.HalfOpen)
        : Kind is FaultKind.Latency or FaultKind.Throttle;

    /// <summary>Whether the client waits for an answer that never comes and nothing ends its waiting.</summary>
    public bool IsWaitingInVain => Side == Side.Client && Kind == FaultKind.Silence && Moment == Moment.BeforeAnswer;

    /// <summary>What the server's log may say: who failed, and how.</summary>
    public string[] Verdicts => (Side, Kind, Moment) switch
    {
        (_, FaultKind.Latency or FaultKind.Throttle, _) => [Stored],

        // Kestrel takes the end of a client's sending for the end of the client: what it has not handed over by then is lost, and its
        // answer has nowhere to go.
        (Side.Client, FaultKind.Fin, Moment.BeforeAnswer) => [Stored, "ClientClosed"],

        // The server had everything: that the client never hears of it takes nothing back.
        (Side.Client, _, Moment.BeforeAnswer) => [Stored],
        (Side.Client, FaultKind.Fin or FaultKind.Reset, _) => ["ClientClosed"],
        (Side.Client, FaultKind.Silence or FaultKind.HalfOpen, _) => ["ClientIdle"],

        // The first boundary is none any more, so all of the form stands before its first part.
        (Side.Client, FaultKind.Corruption, Moment.BeforeBody) => ["FormMalformed", "FormTooComplex", "FileMissing"],

        // Nothing in a form tells what its file should be: only the client could know.
        (Side.Client, FaultKind.Corruption, Moment.InBody) => [Stored],
        (Side.Client, _, _) => ["FormMalformed"],

        // Broken framing is no matter of checksums; and an answer that is none of OSS says nothing of what is stored.
        (Side.Store, FaultKind.Corruption, Moment.BeforeLastByte) when Way.IsChunked => ["StoreFailed"],
        (Side.Store, FaultKind.Corruption, Moment.BeforeAnswer) when Way.IsChunked || !Way.IsOnePut => ["StoreFailed"],

        // A repeat may be refused before it is whole, which is no answer that is struck; then the first attempt is found.
        (Side.Store, FaultKind.Corruption, Moment.BeforeAnswer) => ["StoreFailed", Stored],
        (Side.Store, FaultKind.Corruption, _) => ["ChecksumMismatch"],

        // An answer that was lost is asked for.
        (Side.Store, _, Moment.BeforeAnswer) when Way.IsOnePut => [Stored],
        (Side.Store, FaultKind.Fin or FaultKind.Reset, _) => ["StoreUnreachable"],
        _ => ["StoreTimedOut"],
    };

    /// <summary>What a client that can hear is told.</summary>
    public static int StatusOf(string verdict) => verdict switch
    {
        Stored => 200,
        "ClientIdle" => 408,
        "FormMalformed" or "FormTooComplex" or "FileMissing" => 400,
        "StoreTimedOut" => 504,
        _ => 502,
    };

    /// <summary>The fault to arm.</summary>
    /// <param name="length">Bytes of the client's form.</param>
    public Fault Fault(long length) => new(Kind, Moment switch
    {
        // Content, not framing: what the checksum is there for.
        Moment.BeforeBody when Side == Side.Store && Kind == FaultKind.Corruption => Moment.InBody,

        // A client that has said all says that it has.
        Moment.BeforeAnswer when Side == Side.Client && Kind == FaultKind.Fin => Moment.AfterLastByte,
        _ => Moment,
    })
    {
        Request = Side == Side.Store ? "PUT " : "POST ",
        At = Moment == Moment.BeforeBody ? 0 : Side == Side.Client ? length / 2 : HalfWay,
        Gone = Side == Side.Store ? Peer.Target : Peer.Client,
    };

    public override string ToString() => Id;
}
