namespace OssProxy.Core.Oss;

/// <summary>Proves a request to OSS, in its headers or in its URL. Pure: the clock is an argument, and the wire form of the request is not
/// touched, only added to.</summary>
internal abstract class OssSigner
{
    /// <summary>A signer of the chosen version.</summary>
    /// <param name="signature">Which version.</param>
    /// <param name="region">The region id (<c>cn-hangzhou</c>); V1 does not use it.</param>
    public static OssSigner Create(OssSignature signature, string region) =>
        signature == OssSignature.V1 ? new OssSignerV1() : new OssSignerV4(region);

    /// <summary>The headers that must be sent beside those of the request, <c>Authorization</c> among them.</summary>
    /// <param name="additionalHeaders">Names of further headers to bind (V4 only).</param>
    public abstract IReadOnlyList<KeyValuePair<string, string>> SignHeaders(
        OssRequest request, OssCredentials credentials, DateTimeOffset now, IReadOnlyCollection<string>? additionalHeaders = null);

    /// <summary>The whole query of a presigned URL: that of the request and what proves it, in the order to be written.</summary>
    /// <param name="lifetime">How long the URL lives, whole seconds.</param>
    /// <param name="additionalHeaders">Names of further headers to bind (V4 only).</param>
    public abstract IReadOnlyList<KeyValuePair<string, string>> SignQuery(
        OssRequest request,
        OssCredentials credentials,
        DateTimeOffset now,
        TimeSpan lifetime,
        IReadOnlyCollection<string>? additionalHeaders = null);

    /// <summary>The request's headers in lower case, ordinal order, values trimmed, together with those that the signer adds.</summary>
    protected static SortedDictionary<string, string> CanonicalHeaders(OssRequest request, IEnumerable<KeyValuePair<string, string>> added)
    {
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in request.Headers.Concat(added))
            headers[name.ToLowerInvariant()] = value.Trim();

        return headers;
    }
}
