namespace OssProxy.Core.Oss;

/// <summary>What a presigned URL binds beside method, object and time.</summary>
public sealed record OssUrlTerms
{
    /// <summary>Headers that the user of the URL must send with the same values: <c>Content-Type</c>, <c>Content-MD5</c> and <c>x-oss-…</c>
    /// are bound by themselves.</summary>
    public IReadOnlyCollection<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Parameters of the operation, such as <c>response-content-disposition</c> or <c>x-oss-process</c>.</summary>
    public IReadOnlyCollection<KeyValuePair<string, string>> Query { get; init; } = [];

    /// <summary>Names out of <see cref="Headers"/> to bind besides (V4 only); <c>Content-Length</c> caps an upload.</summary>
    public IReadOnlyCollection<string> BoundHeaders { get; init; } = [];
}
