using Microsoft.Extensions.Logging;
using OssProxy.Core.Http;
using OssProxy.Core.Streams;

namespace OssProxy.Core.Oss;

/// <summary>
/// One bucket of OSS over its REST API: asynchronous throughout, one connection pool, one block of the budget per upload while bytes of it
/// pass. Safe for use by many at once; one for the life of the process.
/// </summary>
public sealed class OssClient : IDisposable
{
    private readonly OssTransport _transport;

    /// <param name="options">Where and as whom; must pass <see cref="OssOptionsValidator"/>.</param>
    /// <param name="buffers">Room for the bytes of bodies that pass through; null for a budget of its own.</param>
    /// <param name="dialing">How connections come about; null for the usual way.</param>
    /// <param name="credentials">Whose credentials sign; null for the key of the options.</param>
    /// <exception cref="ArgumentException">The options would not work; the message says why.</exception>
    public OssClient(
        OssOptions options,
        TimeProvider time,
        ILogger<OssClient> log,
        BufferBudget? buffers = null,
        Dialing? dialing = null,
        IOssCredentialsSource? credentials = null)
    {
        Endpoint = EndpointOf(options);
        Region = Endpoint.Region ?? OssEndpoint.NormalizeRegion(options.Region);
        Credentials = credentials ?? new OssKey(options);
        _transport = new OssTransport(
            options, Endpoint, Credentials, time, log, buffers ?? new BufferBudget(BufferBudget.DefaultBytes), dialing);
        Objects = new OssObjects(_transport, log);
        Multipart = new OssMultipart(_transport, Objects);
        Bucket = new OssBucket(_transport);
        Processing = new OssProcessing(_transport);
        Presigner = new OssPresigner(Endpoint, _transport.Signer, Credentials, _transport.Clock, options.Signature);
    }

    public OssEndpoint Endpoint { get; }

    /// <summary>Whose credentials sign.</summary>
    public IOssCredentialsSource Credentials { get; }

    /// <summary>Whole objects.</summary>
    public OssObjects Objects { get; }

    /// <summary>Uploads in parts.</summary>
    public OssMultipart Multipart { get; }

    /// <summary>The bucket and its listings.</summary>
    public OssBucket Bucket { get; }

    /// <summary>Objects as the service processes them.</summary>
    public OssProcessing Processing { get; }

    /// <summary>URLs that carry their own proof, made with this client's corrected clock.</summary>
    public OssPresigner Presigner { get; }

    /// <summary>The time by the store's clock, as far as it is known.</summary>
    public DateTimeOffset Now => _transport.Clock.Now;

    /// <summary>The region id of signatures; empty where V1 signs and nobody has told it.</summary>
    public string Region { get; }

    /// <summary>The store's clock minus ours, as learnt from a refusal; zero until then.</summary>
    public TimeSpan ClockOffset => _transport.Clock.Offset;

    /// <summary>The store's clock minus ours by the <c>Date</c> of its last answer, to about a second; null until one has come.</summary>
    public TimeSpan? MeasuredClockOffset => _transport.Clock.Measured;

    public void Dispose() => _transport.Dispose();

    internal static OssEndpoint EndpointOf(OssOptions options)
    {
        var faults = string.Join('\n', OssOptionsValidator.Check(options));
        if (faults.Length > 0 || !OssEndpoint.TryParse(options.Endpoint, options.Bucket, options.Addressing, out var endpoint, out _))
            throw new ArgumentException(faults, nameof(options));

        return endpoint;
    }
}
