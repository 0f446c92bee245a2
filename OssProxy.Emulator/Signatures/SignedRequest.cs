using OssProxy.Emulator.Http;

namespace OssProxy.Emulator.Signatures;

/// <summary>Everything of a request that a signature can cover, as a value: verification needs no server.</summary>
/// <param name="Method">Upper case.</param>
/// <param name="Bucket">Null at service level.</param>
/// <param name="Key">Decoded; null at bucket level.</param>
/// <param name="Query">Decoded, all of it.</param>
/// <param name="Headers">As received; a name in any case.</param>
internal sealed record SignedRequest(
    string Method, string? Bucket, string? Key, QueryParameters Query, IEnumerable<KeyValuePair<string, string>> Headers)
{
    private readonly Dictionary<string, string> _headers = Merge(Headers);

    /// <summary>Trimmed values by lower-case name.</summary>
    public IReadOnlyDictionary<string, string> ByName => _headers;

    /// <summary>The value, or null when the header is absent.</summary>
    public string? Header(string lowerCaseName) => _headers.GetValueOrDefault(lowerCaseName);

    private static Dictionary<string, string> Merge(IEnumerable<KeyValuePair<string, string>> headers)
    {
        var merged = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in headers)
        {
            var lower = name.ToLowerInvariant();
            merged[lower] = merged.TryGetValue(lower, out var before) ? $"{before},{value.Trim()}" : value.Trim();
        }

        return merged;
    }
}
