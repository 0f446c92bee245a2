using OssProxy.Emulator.Errors;
using OssProxy.Emulator.Http;

namespace OssProxy.Emulator.Sts;

/// <summary>A call of STS as a value: verification needs no server.</summary>
/// <param name="Method">GET or POST.</param>
/// <param name="Parameters">Of the query and of a form body together, decoded, each name once.</param>
/// <param name="Query">Those of the query alone.</param>
/// <param name="Headers">Trimmed values by lower-case name.</param>
internal sealed record StsRequest(
    string Method,
    IReadOnlyDictionary<string, string> Parameters,
    IReadOnlyDictionary<string, string> Query,
    IReadOnlyDictionary<string, string> Headers,
    byte[] Body)
{
    private const string Form = "application/x-www-form-urlencoded";

    public string? Parameter(string name) => Parameters.GetValueOrDefault(name);

    public string? Header(string lowerCaseName) => Headers.GetValueOrDefault(lowerCaseName);

    /// <summary>A mandatory parameter. Empty counts as absent.</summary>
    public string Need(string name) => Parameter(name) is { Length: > 0 } value ? value : throw StsErrors.MissingParameter(name);

    /// <summary>
    /// Whether it is STS that is asked. The emulator has one address for both: OSS itself has nothing at "/" that is posted, and
    /// nothing that is called Action, so the look of a request tells them apart.
    /// </summary>
    public static bool Claims(HttpRequest request, string rawTarget, EmulatorOptions options)
    {
        var mark = rawTarget.IndexOf('?');
        var (path, query) = mark < 0 ? (rawTarget, "") : (rawTarget[..mark], rawTarget[(mark + 1)..]);
        if (request.Method is not ("GET" or "POST") || path != "/" || RequestAddress.IsOfBucket(request.Headers.Host.ToString(), options))
            return false;

        return request.Headers.ContainsKey("x-acs-action")
            || Acs3Signature.IsUsedBy(request.Headers.Authorization.ToString())
            || query.Split('&').Any(piece => piece.StartsWith("Action=", StringComparison.Ordinal))
            || (request.Method == "POST" && IsForm(request.ContentType));
    }

    public static StsRequest Parse(string method, string rawTarget, IEnumerable<KeyValuePair<string, string>> headers, byte[] body)
    {
        var byName = headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.Trim(), StringComparer.Ordinal);
        var mark = rawTarget.IndexOf('?');
        var query = Pairs(mark < 0 ? "" : rawTarget[(mark + 1)..]);
        var form = IsForm(byName.GetValueOrDefault("content-type")) ? Pairs(System.Text.Encoding.UTF8.GetString(body)) : [];
        return new(method, Once(query.Concat(form)), Once(query), byName, body);
    }

    private static bool IsForm(string? contentType) => contentType?.Split(';')[0].Trim().Equals(Form, StringComparison.OrdinalIgnoreCase) == true;

    // By the rules of forms in both places: a plus is a blank (E31).
    private static IReadOnlyList<QueryParameter> Pairs(string text)
    {
        try
        {
            return QueryParameters.Parse(text.Replace('+', ' ')).Items;
        }
        catch (OssException)
        {
            throw StsErrors.InvalidParameter("query", "It is not valid percent-encoded UTF-8.");
        }
    }

    // What is signed and what is obeyed must be one thing, so a name that comes twice is refused rather than chosen from.
    private static Dictionary<string, string> Once(IEnumerable<QueryParameter> pairs)
    {
        var once = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in pairs)
        {
            if (!once.TryAdd(pair.Name, pair.Value ?? ""))
                throw StsErrors.InvalidParameter(pair.Name, "It is there twice.");
        }

        return once;
    }
}
