using OssProxy.Core.Storage;

namespace OssProxy.Core.Oss;

/// <summary>URLs with which somebody without credentials may do one thing for a while. Computed here, nothing is sent.</summary>
public sealed class OssPresigner
{
    /// <summary>The longest life of a V4 URL (OSS API reference: "Presigned URL, V4").</summary>
    public static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(7);

    private readonly OssEndpoint _endpoint;
    private readonly OssSigner _signer;
    private readonly OssCredentials _credentials;
    private readonly OssClock _clock;
    private readonly OssSignature _signature;

    /// <summary>A presigner apart from a client; <see cref="OssClient.Presigner"/> also knows the store's clock.</summary>
    /// <exception cref="ArgumentException">The options would not work; the message says why.</exception>
    public OssPresigner(OssOptions options, TimeProvider time)
    {
        _endpoint = OssClient.EndpointOf(options);
        _signer = OssSigner.Create(options.Signature, _endpoint.Region ?? OssEndpoint.NormalizeRegion(options.Region));
        _credentials = new OssCredentials(options.AccessKeyId, options.AccessKeySecret, options.SecurityToken);
        _clock = new OssClock(time);
        _signature = options.Signature;
    }

    internal OssPresigner(OssEndpoint endpoint, OssSigner signer, OssCredentials credentials, OssClock clock, OssSignature signature)
    {
        _endpoint = endpoint;
        _signer = signer;
        _credentials = credentials;
        _clock = clock;
        _signature = signature;
    }

    /// <summary>A URL for one method and one object.</summary>
    /// <param name="lifetime">Whole seconds, from 1 s; with V4 at most <see cref="MaxLifetime"/>.</param>
    /// <param name="headers">Headers that the user of the URL must send with the same values: <c>Content-Type</c>, <c>Content-MD5</c> and
    /// <c>x-oss-…</c> are bound by themselves.</param>
    /// <param name="query">Parameters of the operation, such as <c>response-content-disposition</c> or <c>x-oss-process</c>.</param>
    /// <param name="boundHeaders">Names out of <paramref name="headers"/> to bind besides (V4 only); <c>Content-Length</c> caps an
    /// upload.</param>
    /// <exception cref="ArgumentOutOfRangeException">The lifetime is outside its range.</exception>
    public Uri Sign(
        HttpMethod method,
        ObjectKey key,
        TimeSpan lifetime,
        IEnumerable<KeyValuePair<string, string>>? headers = null,
        IEnumerable<KeyValuePair<string, string>>? query = null,
        IReadOnlyCollection<string>? boundHeaders = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lifetime, TimeSpan.FromSeconds(1));
        if (_signature == OssSignature.V4)
            ArgumentOutOfRangeException.ThrowIfGreaterThan(lifetime, MaxLifetime);

        var request = new OssRequest(method, _endpoint.Bucket, key.Value);
        foreach (var (name, value) in headers ?? [])
            request.WithHeader(name, value);
        foreach (var (name, value) in query ?? [])
            request.With(name, value);

        return _endpoint.UriFor(key.Value, _signer.SignQuery(request, _credentials, _clock.Now, lifetime, boundHeaders));
    }
}
