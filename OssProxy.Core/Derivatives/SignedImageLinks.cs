using Microsoft.Extensions.Options;
using OssProxy.Core.Images;
using OssProxy.Core.Oss;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Derivatives;

/// <summary>Addresses of images that carry their own proof, as OSS's SDKs sign them: made here, and judged here whoever has made
/// them.</summary>
public sealed class SignedImageLinks
{
    /// <summary>What the addresses of images begin with.</summary>
    public const string Path = "/img/";

    private const string ProcessName = "x-oss-process";

    private readonly string _publicBaseUrl;
    private readonly OssSignedUrls? _urls;

    /// <param name="bucket">The bucket that addresses are signed for, as SDKs name it.</param>
    /// <param name="region">The region of V4.</param>
    /// <param name="key">Null where there is no key: no address is good then.</param>
    internal SignedImageLinks(
        IOptions<ImageOptions> options, string bucket, string region, OssSignature signature, OssCredentials? key, TimeProvider time)
    {
        _publicBaseUrl = options.Value.PublicBaseUrl;
        _urls = key is null ? null : new OssSignedUrls(bucket, region, signature, key, time);
    }

    /// <summary>Whether a query claims to be a proof.</summary>
    public static bool IsSigned(IEnumerable<KeyValuePair<string, string>> query) => OssSignedUrls.IsSigned(query);

    /// <summary>An address with which somebody may have an image for a while; null where nobody has said how clients reach us, or there is
    /// no key, or V1 cannot sign it so that it is good for nothing else.</summary>
    /// <param name="process">A value of <c>x-oss-process</c>.</param>
    /// <param name="lifetime">Whole seconds, from 1 s to 7 days.</param>
    public Uri? Sign(ObjectKey key, string process, TimeSpan lifetime)
    {
        KeyValuePair<string, string>[] query = [KeyValuePair.Create(ProcessName, process)];
        return _urls is null || _publicBaseUrl.Length == 0 || !_urls.CanSign(key.Value, query)
            ? null
            : new Uri(
                $"{_publicBaseUrl}{Path}{OssEncoding.Path(key.Value)}?{_urls.Sign(HttpMethod.Get, key.Value, query, lifetime)}",
                new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
    }

    /// <summary>Judges a request by the query that it came with.</summary>
    /// <param name="path">What stands behind <see cref="Path"/>, without escapes.</param>
    /// <param name="query">Names and values without escapes, in their order.</param>
    /// <exception cref="ImageException"><see cref="ImageError.ProcessNotAllowed"/>, with OSS's code: the proof is none, or has run
    /// out.</exception>
    public void Require(
        HttpMethod method,
        string path,
        IReadOnlyList<KeyValuePair<string, string>> query,
        IEnumerable<KeyValuePair<string, string>> headers)
    {
        // Of V1 no more than we look at: a link that somebody was given for other parameters is none for an image.
        var refusal = _urls is null ? OssUrlRefusal.UnknownKey
            : _urls.Verify(method, path, query, headers)
            ?? (OssSignedUrls.AsksForMore(query, ProcessName) ? OssUrlRefusal.MoreThanKnown : null);
        if (refusal is not null)
            throw new ImageException(ImageError.ProcessNotAllowed, refusal.Code, refusal.Message, refusal.Ec);
    }
}
