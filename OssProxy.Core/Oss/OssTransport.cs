using Microsoft.Extensions.Logging;
using OssProxy.Core.Http;
using OssProxy.Core.Streams;

namespace OssProxy.Core.Oss;

/// <summary>
/// Sends requests: signs each attempt anew, waits with an idle clock, tells whose fault a failure is, repeats what can be repeated,
/// corrects the clock. Knows nothing of what the operations mean.
/// </summary>
internal sealed partial class OssTransport : IDisposable
{
    /// <summary>For cleaning up and for asking, whatever the caller's patience is.</summary>
    public static readonly TimeSpan AsideTimeout = TimeSpan.FromSeconds(5);

    // The official clients give up an idle connection after 50 s, because the service does so a little later
    // (aliyun/aliyun-oss-go-sdk#71): below that, a pooled connection is a live one (docs/oss-assumptions.md A10).
    private static readonly TimeSpan ConnectionIdle = TimeSpan.FromSeconds(30);

    // A domain that moves is noticed.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(10);

    private readonly OssOptions _options;
    private readonly IOssCredentialsSource _credentials;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ConnectionPool _connections;
    private int _unverifiedNoted;

    public OssTransport(
        OssOptions options,
        OssEndpoint endpoint,
        IOssCredentialsSource credentials,
        TimeProvider time,
        ILogger log,
        BufferBudget buffers,
        Dialing? dialing)
    {
        Buffers = buffers;
        _options = options;
        _credentials = credentials;
        _time = time;
        _log = log;
        Endpoint = endpoint;
        Signer = OssSigner.Create(options.Signature, endpoint.Region ?? OssEndpoint.NormalizeRegion(options.Region));
        Clock = new OssClock(time);
        _connections = new ConnectionPool(
            endpoint.Origin, dialing ?? new Dialing { Timeout = options.ConnectTimeout }, time, ConnectionIdle, ConnectionLifetime);
    }

    /// <summary>Where the bytes of bodies pass through.</summary>
    public BufferBudget Buffers { get; }

    public OssEndpoint Endpoint { get; }

    public OssSigner Signer { get; }

    public OssClock Clock { get; }

    public TimeSpan CompleteTimeout => _options.CompleteTimeout;

    /// <summary>A request to the bucket, or to one of its objects.</summary>
    public OssRequest Request(HttpMethod method, string? key = null, bool idempotent = true) =>
        new(method, Endpoint.Bucket, key) { Idempotent = idempotent };

    /// <summary>Sends a request as often as it takes and may, and reads the answer inside the same attempt, so that an answer that cannot
    /// be read counts like one that did not come.</summary>
    /// <exception cref="OssException">The store refuses.</exception>
    /// <exception cref="OssTransportException">The store does not answer, or not in its language.</exception>
    public async Task<T> SendAsync<T>(OssRequest request, Func<OssReply, Task<T>> read, CancellationToken cancellationToken)
    {
        var renewed = false;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await AttemptAsync(request, read, cancellationToken);
            }
            catch (Exception failure) when (failure is OssException or OssTransportException)
            {
                var repaired = Repair(failure);
                var (worthwhile, notDone) = OssRetry.Judge(failure);

                // Refused before the work (docs/oss-assumptions.md A14). Once: a store that refuses fresh credentials too has another reason.
                var renews = Renew(request, failure) && !renewed;
                (renewed, worthwhile, notDone) = (renewed || renews, worthwhile || renews, notDone || renews);
                if (attempt >= _options.Attempts || !worthwhile || !repaired || !(notDone || request.Idempotent) || !request.CanSend)
                    throw;

                request.OutcomeUnknown |= !notDone;
                LogRetry(request.Method.Method, request.Key, attempt, failure.Message);
                if (!renews)
                    await Task.Delay(OssRetry.Pause(attempt), _time, cancellationToken);
            }
        }
    }

    /// <summary>Sends once, without repeating, under a deadline of its own: what is done aside from the caller's errand, also after the
    /// caller has left.</summary>
    public async Task<T> SendAsideAsync<T>(OssRequest request, Func<OssReply, Task<T>> read)
    {
        using var deadline = new CancellationTokenSource(AsideTimeout, _time);
        try
        {
            return await AttemptAsync(request, read, deadline.Token);
        }
        catch (OssException failure)
        {
            Repair(failure);
            Renew(request, failure);
            throw;
        }
        catch (OperationCanceledException failure) when (deadline.IsCancellationRequested)
        {
            throw new OssTransportException(OssTransportError.TimedOut, "The store did not answer in time.", failure);
        }
    }

    public void Dispose() => _connections.Dispose();

    private async Task<T> AttemptAsync<T>(OssRequest request, Func<OssReply, Task<T>> read, CancellationToken cancellationToken)
    {
        var clock = new IdleClock(request.IdleTimeout ?? _options.IdleTimeout, _time, cancellationToken);
        Exchange? exchange = null;
        OssReply? reply = null;
        try
        {
            request.Credentials = await _credentials.GetAsync(cancellationToken);
            var head = Write(request, request.Credentials);

            // Dialing has a time-out of its own, and what comes of it is surely not sent.
            exchange = await Exchange.BeginAsync(_connections, head, clock.Token);
            clock.Watch(exchange);
            clock.Start();
            await SendAsync(request, exchange, clock);
            reply = new OssReply(exchange, await exchange.AnswerAsync(), clock);
            Clock.Measure(reply.Date);
            if (!reply.IsSuccess)
                throw await reply.ReadErrorAsync(cancellationToken);

            return await read(reply);
        }
        catch (Exception failure) when (failure is not (OssException or OssTransportException))
        {
            // The body's own failure first, as the instance it threw, also when the caller's token follows it: a client that leaves shows
            // in the body and in the token, in either order.
            if (request.Upload?.Failure is { } own
                && !(own.SourceException is OperationCanceledException && cancellationToken.IsCancellationRequested))
            {
                own.Throw();
            }

            cancellationToken.ThrowIfCancellationRequested();
            if (Blame(failure, clock, reply is not null) is { } blamed)
                throw blamed;

            throw;
        }
        finally
        {
            if (reply is not null)
            {
                reply.Dispose();
            }
            else
            {
                exchange?.Dispose();
                clock.Dispose();
            }
        }
    }

    private static OssTransportException? Blame(Exception failure, IdleClock clock, bool answered) => failure switch
    {
        ConnectException => new(OssTransportError.Unreachable, $"No connection to the store: {failure.Message}", failure) { NeverSent = true },
        _ when clock.Expired => new(OssTransportError.TimedOut, "The store neither took nor gave a byte for the idle time-out.", failure),
        ResponseFormatException => new(OssTransportError.AnswerUnreadable, $"The answer is no HTTP: {failure.Message}", failure),
        IOException => new(
            OssTransportError.Unreachable,
            $"The connection to the store broke {(answered ? "within" : "before")} the answer: {failure.Message}",
            failure),
        _ => null,
    };

    private RequestHead Write(OssRequest request, OssCredentials credentials)
    {
        var head = new RequestHead(request.Method.Method, Endpoint.TargetFor(request.Key, request.Query), Endpoint.Authority);
        foreach (var (name, value) in request.Headers.Concat(Signer.SignHeaders(request, credentials, Clock.Now)))
            head.Add(name, value);
        if (request.Upload is { } upload)
            head.AddBody(upload.Length);
        else if (request.Payload is not null || request.Method == HttpMethod.Post || request.Method == HttpMethod.Put)
            head.AddBody(request.Payload?.Length ?? 0);
        return head;
    }

    private static async Task SendAsync(OssRequest request, Exchange exchange, IdleClock clock)
    {
        if (request.Upload is { } upload)
        {
            await upload.SendAsync(exchange, clock);
            return;
        }

        if (request.Payload is { Length: > 0 } payload)
            await exchange.SendAsync(payload);
        await exchange.EndAsync();
    }

    /// <summary>The checksum that a successful answer to a write tells; null when it tells none, which is noted once.</summary>
    /// <exception cref="OssTransportException">The answer is not OSS's: every one of those has a request id
    /// (docs/oss-assumptions.md A1), while a captive portal says 200 to anything.</exception>
    public ulong? ReportedBy(OssReply reply)
    {
        if (reply.RequestId is null)
            throw new OssTransportException(OssTransportError.AnswerUnreadable, "A success without a request id is no answer of OSS.");
        if (reply.Crc64 is null && Interlocked.Exchange(ref _unverifiedNoted, 1) == 0)
            LogUnverified(reply.RequestId);
        return reply.Crc64;
    }

    /// <summary>Takes over the store's clock when ours is refused. False when that failed, so that repeating is pointless.</summary>
    private bool Repair(Exception failure)
    {
        if (failure is not OssException { IsSkew: true } skew)
            return true;

        if (!Clock.Repair(skew.ServerTime))
        {
            LogSkewNotBelieved(skew.ServerTime);
            return false;
        }

        LogSkewRepaired(Clock.Offset);
        return true;
    }

    /// <summary>Has the credentials replaced that the store does not accept any more; true when there will be others.</summary>
    private bool Renew(OssRequest request, Exception failure)
    {
        if (failure is not OssException { IsOutdatedKey: true } refused || request.Credentials is not { SecurityToken: not null } credentials
            || !_credentials.Discard(credentials))
        {
            return false;
        }

        LogRenewed(refused.Code);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "The store acknowledges writes without x-oss-hash-crc64ecma: what it holds cannot be compared with what was sent ({RequestId})")]
    private partial void LogUnverified(string requestId);

    [LoggerMessage(Level = LogLevel.Debug, Message = "OSS {Method} {Key}: attempt {Attempt} failed, repeating: {Reason}")]
    private partial void LogRetry(string method, string? key, int attempt, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "OSS does not accept our temporary credentials any more, {Code}: others are fetched")]
    private partial void LogRenewed(string code);

    [LoggerMessage(Level = LogLevel.Warning, Message = "OSS refuses our clock; signing with its time now, offset {Offset}. Check NTP.")]
    private partial void LogSkewRepaired(TimeSpan offset);

    [LoggerMessage(Level = LogLevel.Error, Message = "OSS refuses our clock and names an unbelievable time of its own: {ServerTime}")]
    private partial void LogSkewNotBelieved(DateTimeOffset? serverTime);
}
