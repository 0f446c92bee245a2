namespace OssProxy.Core.Oss;

/// <summary>One operation before it is signed: the same for every attempt, so that each gets its own date and signature.</summary>
/// <param name="method">The HTTP method.</param>
/// <param name="bucket">The bucket; null at service level.</param>
/// <param name="key">The raw key; null for the bucket itself.</param>
internal sealed class OssRequest(HttpMethod method, string? bucket, string? key)
{
    public HttpMethod Method { get; } = method;

    public string? Bucket { get; } = bucket;

    public string? Key { get; } = key;

    /// <summary>Raw names and values; an empty value means a name without <c>=</c>.</summary>
    public List<KeyValuePair<string, string>> Query { get; } = [];

    /// <summary>Headers to send, without those that the signer adds.</summary>
    public SortedDictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A small body held in memory.</summary>
    public byte[]? Payload { get; init; }

    /// <summary>A body that streams.</summary>
    public OssUpload? Upload { get; init; }

    /// <summary>Whether doing it twice is the same as doing it once. What is not is repeated only when the store has surely not done
    /// it.</summary>
    public bool Idempotent { get; init; } = true;

    /// <summary>How long the store may stay silent, when this operation needs longer than the configured time.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>True once an attempt has ended without telling whether the store did the work.</summary>
    public bool OutcomeUnknown { get; set; }

    /// <summary>What the last attempt was signed with.</summary>
    public OssCredentials? Credentials { get; set; }

    /// <summary>Whether the body can be sent (again) from its beginning.</summary>
    public bool CanSend => Upload is null || Upload.CanSend;

    public OssRequest With(string name, string value = "")
    {
        Query.Add(KeyValuePair.Create(name, value));
        return this;
    }

    public OssRequest WithHeader(string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            Headers[name] = value;

        return this;
    }
}
