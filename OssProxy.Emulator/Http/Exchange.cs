using OssProxy.Emulator.Errors;
using OssProxy.Emulator.Sts;

namespace OssProxy.Emulator.Http;

/// <summary>What has become known about a request so far; what the log shows of it whatever happens later.</summary>
internal sealed class Exchange(HttpContext context, string rawTarget, string requestId, TimeProvider time)
{
    private static readonly HashSet<string> Secret = new(StringComparer.Ordinal) { "authorization", "x-oss-security-token", "x-acs-security-token", "cookie" };

    private readonly long _startedAt = time.GetTimestamp();
    private readonly DateTimeOffset _arrived = time.GetUtcNow();

    public HttpContext Context { get; } = context;

    public string RawTarget { get; } = rawTarget;

    public string RequestId { get; } = requestId;

    /// <summary>Refusals are worded by STS, not by OSS.</summary>
    public bool IsSts { get; init; }

    public OssOperation Operation { get; set; }

    public RequestAddress? Address { get; set; }

    public ActiveFault? Fault { get; set; }

    public RequestBody? Body { get; set; }

    public SignatureForm Signature { get; set; }

    public bool Logged { get; set; }

    public DateTimeOffset Now => _arrived + (Fault?.Rule.ClockSkew ?? TimeSpan.Zero);

    public string HostId => Address?.HostId ?? Context.Request.Headers.Host.ToString();

    public long ElapsedMilliseconds => (long)time.GetElapsedTime(_startedAt).TotalMilliseconds;

    public OssReply Refusal(OssException error) => IsSts
        ? StsEndpoint.Refusal(error, RequestId, HostId)
        : OssReply.Error(error, RequestId, HostId, Context.Request.Method == "HEAD");

    public RequestEntry Entry(int status, string? errorCode) => new()
    {
        Operation = Operation,
        Method = Context.Request.Method,
        Bucket = Address?.Bucket,
        Key = Address?.Key,
        RawTarget = RawTarget,
        Signature = Signature,
        Status = status,
        ErrorCode = errorCode,
        RequestId = RequestId,
        BodyBytes = Body?.BytesRead ?? 0,
        Headers = Context.Request.Headers
            .Where(h => !Secret.Contains(h.Key.ToLowerInvariant()))
            .ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString()),
        Fault = Fault?.Label,
    };
}
