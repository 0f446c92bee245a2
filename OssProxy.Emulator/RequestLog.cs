namespace OssProxy.Emulator;

/// <summary>How a request proved who it is.</summary>
public enum SignatureForm
{
    /// <summary>Unsigned: the bucket's ACL decides.</summary>
    None,
    V1Header,
    V4Header,
    V1Url,
    V4Url,

    /// <summary>Parameters of an STS call, HMAC-SHA1.</summary>
    StsRpc,

    /// <summary>ACS3-HMAC-SHA256 of an STS call.</summary>
    StsAcs3,

    /// <summary>The fields of a form (PostObject).</summary>
    V1Form,
    V4Form,
}

/// <summary>One request as it was answered.</summary>
public sealed record RequestEntry
{
    public required OssOperation Operation { get; init; }

    public required string Method { get; init; }

    public string? Bucket { get; init; }

    /// <summary>Decoded. Of a form, its field "key"; with the file name filled in once the form was accepted.</summary>
    public string? Key { get; init; }

    /// <summary>As on the wire, query included.</summary>
    public required string RawTarget { get; init; }

    public required SignatureForm Signature { get; init; }

    /// <summary>HTTP status; 0 when the connection ended without a reply.</summary>
    public required int Status { get; init; }

    /// <summary>The code of the error document, null on success.</summary>
    public string? ErrorCode { get; init; }

    public required string RequestId { get; init; }

    /// <summary>Bytes of the request body that were taken.</summary>
    public required long BodyBytes { get; init; }

    /// <summary>Request headers by lower-case name, without Authorization and security tokens.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>The <see cref="FaultRule.Name"/> or number of the fault that was applied.</summary>
    public string? Fault { get; init; }
}

/// <summary>
/// The last <see cref="Capacity"/> requests, oldest first. An entry is there before the first byte of its reply leaves,
/// so a test that has its answer finds it.
/// </summary>
public sealed class RequestLog
{
    public const int Capacity = 1000;

    private readonly Lock _gate = new();
    private readonly Queue<RequestEntry> _entries = new();
    private readonly List<(Func<RequestEntry, bool> Wanted, TaskCompletionSource<RequestEntry> Found)> _waiting = [];

    /// <summary>A copy of what is there now.</summary>
    public IReadOnlyList<RequestEntry> Snapshot()
    {
        lock (_gate)
            return [.. _entries];
    }

    public void Clear()
    {
        lock (_gate)
            _entries.Clear();
    }

    /// <summary>The first entry that fits, already there or still to come.</summary>
    /// <exception cref="OperationCanceledException">None came in time.</exception>
    public async Task<RequestEntry> WaitForAsync(Func<RequestEntry, bool> wanted, CancellationToken cancellationToken)
    {
        TaskCompletionSource<RequestEntry> found;
        lock (_gate)
        {
            if (_entries.FirstOrDefault(wanted) is { } entry)
                return entry;

            found = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((wanted, found));
        }

        return await found.Task.WaitAsync(cancellationToken);
    }

    internal void Add(RequestEntry entry)
    {
        lock (_gate)
        {
            _entries.Enqueue(entry);
            if (_entries.Count > Capacity)
                _entries.Dequeue();

            _waiting.RemoveAll(waiter => waiter.Wanted(entry) && waiter.Found.TrySetResult(entry));
        }
    }
}
