namespace OssProxy.Emulator;

/// <summary>When a connection is torn with RST.</summary>
public enum FaultReset
{
    None,

    /// <summary>As soon as the headers have come.</summary>
    BeforeBody,

    /// <summary>After <see cref="FaultRule.ResetAfterBytes"/> bytes of the body.</summary>
    DuringBody,

    /// <summary>The work is done and stays done; only the reply is lost.</summary>
    BeforeReply,
}

/// <summary>What stands in the body of an error that a rule asks for.</summary>
public enum FaultBody
{
    /// <summary>The service's error document; that of STS is JSON.</summary>
    Xml,

    /// <summary>Nothing, as from a load balancer that gave up.</summary>
    None,

    /// <summary>A page of HTML, as from a proxy or captive portal.</summary>
    Html,
}

/// <summary>
/// What goes wrong, and for whom. The conditions (operation, bucket, key, n-th call) pick requests; everything below them
/// may be combined. Of several rules that fit, the oldest active one is applied.
/// </summary>
public sealed record FaultRule
{
    /// <summary>A name for logs and the control endpoint.</summary>
    public string? Name { get; init; }

    /// <summary>Null: any operation.</summary>
    public OssOperation? Operation { get; init; }

    /// <summary>Null: any bucket.</summary>
    public string? Bucket { get; init; }

    /// <summary>
    /// Glob over the decoded key: "*" any run of characters ("/" too), "?" one character. The key of a form (PostObject)
    /// is in its body and not known yet: only "*" fits it.
    /// </summary>
    public string KeyPattern { get; init; } = "*";

    /// <summary>The first matching call that is hit, counted from 1.</summary>
    public int First { get; init; } = 1;

    /// <summary>How many calls are hit from there on; null: all.</summary>
    public int? Count { get; init; }

    /// <summary>Answer this status instead of doing the work.</summary>
    public int? Status { get; init; }

    /// <summary>Code of the error document, by default the service's own for the status.</summary>
    public string? Code { get; init; }

    public string? Message { get; init; }

    public FaultBody Body { get; init; }

    /// <summary>Headers added to the reply, e.g. <c>Retry-After</c>.</summary>
    public IReadOnlyDictionary<string, string> ReplyHeaders { get; init; } = new Dictionary<string, string>();

    /// <summary>Take the whole body before <see cref="Status"/> is answered or <see cref="Stall"/> begins.</summary>
    public bool ConsumeBody { get; init; }

    /// <summary>Wait between the work and the reply.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Read the body no faster than this.</summary>
    public long? BodyBytesPerSecond { get; init; }

    public FaultReset Reset { get; init; }

    /// <summary>For <see cref="FaultReset.DuringBody"/>: at least so many bytes are read first.</summary>
    public long ResetAfterBytes { get; init; }

    /// <summary>Announce the whole reply, send so many bytes of its body, tear the connection.</summary>
    public long? TruncateReplyAfterBytes { get; init; }

    /// <summary>Report a checksum that is not that of the bytes.</summary>
    public bool WrongCrc { get; init; }

    /// <summary>The server's clock is off by so much: signatures, Date and ServerTime all follow it.</summary>
    public TimeSpan ClockSkew { get; init; }

    /// <summary>What goes wrong with the callback that the upload orders; null: nothing.</summary>
    public CallbackFault? Callback { get; init; }

    /// <summary>Never answer until <see cref="ActiveFault.Release"/>, removal of the rule, or the client's leaving.</summary>
    public bool Stall { get; init; }

    internal bool Fits(OssOperation operation, string? bucket, string? key) =>
        (Operation is null || Operation == operation)
        && (Bucket is null || Bucket == bucket)
        && Wildcard.Matches(KeyPattern, key ?? "");
}
