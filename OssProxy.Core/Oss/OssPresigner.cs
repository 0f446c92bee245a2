using OssProxy.Core.Storage;

namespace OssProxy.Core.Oss;

/// <summary>URLs with which somebody without credentials may do one thing for a while. Computed here; nothing is sent to the store.</summary>
public sealed class OssPresigner
{
    /// <summary>The longest life of a V4 URL (OSS API reference: "Presigned URL, V4").</summary>
    public static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(7);

    private readonly OssEndpoint _endpoint;
    private readonly OssSigner _signer;
    private readonly IOssCredentialsSource _credentials;
    private readonly OssClock _clock;
    private readonly OssSignature _signature;

    /// <summary>A presigner apart from a client, with the key of the options; <see cref="OssClient.Presigner"/> also knows the store's clock,
    /// and signs with what the client's source gives.</summary>
    /// <exception cref="ArgumentException">The options would not work; the message says why.</exception>
    public OssPresigner(OssOptions options, TimeProvider time)
    {
        _endpoint = OssClient.EndpointOf(options);
        _signer = OssSigner.Create(options.Signature, _endpoint.Region ?? OssEndpoint.NormalizeRegion(options.Region));
        _credentials = new OssKey(options);
        _clock = new OssClock(time);
        _signature = options.Signature;
    }

    internal OssPresigner(OssEndpoint endpoint, OssSigner signer, IOssCredentialsSource credentials, OssClock clock, OssSignature signature)
    {
        _endpoint = endpoint;
        _signer = signer;
        _credentials = credentials;
        _clock = clock;
        _signature = signature;
    }

    /// <summary>Whether a URL can be signed so that it is good for nothing else: V1 cannot where a key holds <c>?</c>, or a value of
    /// the query <c>&amp;</c>.</summary>
    public bool CanSign(ObjectKey key, OssUrlTerms? terms) => _signature != OssSignature.V1 || OssSignerV1.IsClear(key.Value, terms?.Query ?? []);

    /// <summary>A URL for one method and one object. Made with temporary credentials it dies with them, however long its own life.</summary>
    /// <param name="lifetime">Whole seconds, from 1 s; with V4 at most <see cref="MaxLifetime"/>.</param>
    /// <param name="terms">What is bound besides; null for nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException">The lifetime is outside its range.</exception>
    /// <exception cref="ArgumentException">It cannot be signed (<see cref="CanSign"/>).</exception>
    /// <exception cref="OssTransportException">There are no credentials to sign with.</exception>
    public async ValueTask<Uri> SignAsync(
        HttpMethod method, ObjectKey key, TimeSpan lifetime, OssUrlTerms? terms, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lifetime, TimeSpan.FromSeconds(1));
        if (_signature == OssSignature.V4)
            ArgumentOutOfRangeException.ThrowIfGreaterThan(lifetime, MaxLifetime);

        var request = new OssRequest(method, _endpoint.Bucket, key.Value);
        foreach (var (name, value) in terms?.Headers ?? [])
            request.WithHeader(name, value);
        foreach (var (name, value) in terms?.Query ?? [])
            request.With(name, value);

        var credentials = await _credentials.GetAsync(cancellationToken);
        return _endpoint.UriFor(key.Value, _signer.SignQuery(request, credentials, _clock.Now, lifetime, terms?.BoundHeaders));
    }
}
