using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OssProxy.Core.Oss;

/// <summary>
/// The query of signed URLs, made and verified with one key: a service of ours that answers as OSS does takes the URLs that OSS's SDKs
/// sign. Verifying is signing again: there is one implementation of either version, and the signatures are compared in constant time. Pure
/// but for the clock. (OSS API reference: "Include V1 signatures in URLs", "Include V4 signatures in URLs".)
/// </summary>
/// <param name="bucket">The bucket that the URLs are of.</param>
/// <param name="region">The region id that V4 signs.</param>
/// <param name="signature">The version of what is made; both are verified.</param>
internal sealed class OssSignedUrls(string bucket, string region, OssSignature signature, OssCredentials credentials, TimeProvider time)
{
    // As far ahead of ours as the service lets a clock be (OSS API reference: RequestTimeTooSkewed).
    private static readonly TimeSpan MaxSkew = TimeSpan.FromMinutes(15);

    // The last second of the year 9999.
    private const long LastSecond = 253_402_300_799;

    private static readonly string[] PartsOfV1 = ["OSSAccessKeyId", "Expires", "Signature"];

    private static readonly string[] PartsOfV4 =
        ["x-oss-signature-version", "x-oss-credential", "x-oss-date", "x-oss-expires", "x-oss-additional-headers", "x-oss-signature"];

    private readonly OssSignerV1 _v1 = new();
    private readonly OssSignerV4 _v4 = new(region);

    /// <summary>Whether a query is one that somebody has signed, well or badly.</summary>
    public static bool IsSigned(IEnumerable<KeyValuePair<string, string>> query) =>
        query.Any(one => PartsOfV1.Contains(one.Key) || PartsOfV4.Contains(one.Key));

    /// <summary>Whether a query holds a parameter that V1 signs, other than those named: it may ask for what whoever judges it does not
    /// look at. False for a query of V4, which is signed whole.</summary>
    public static bool AsksForMore(IEnumerable<KeyValuePair<string, string>> query, params ReadOnlySpan<string> known)
    {
        var (isV1, more) = (false, false);
        foreach (var one in query)
        {
            isV1 |= PartsOfV1.Contains(one.Key);
            more |= OssSignerV1.IsSigned(one) && one.Key != "security-token" && !known.Contains(one.Key);
        }

        return isV1 && more;
    }

    /// <summary>Whether a URL can be signed so that it is good for nothing else; see <see cref="OssSignerV1.IsClear"/>.</summary>
    public bool CanSign(string key, IEnumerable<KeyValuePair<string, string>> query) =>
        signature != OssSignature.V1 || OssSignerV1.IsClear(key, query);

    /// <summary>The whole query of a URL, encoded.</summary>
    /// <param name="lifetime">Whole seconds, from 1 s; with V4 at most <see cref="OssPresigner.MaxLifetime"/>.</param>
    /// <exception cref="ArgumentException">It cannot be (<see cref="CanSign"/>).</exception>
    public string Sign(HttpMethod method, string key, IEnumerable<KeyValuePair<string, string>> query, TimeSpan lifetime)
    {
        var request = new OssRequest(method, bucket, key);
        request.Query.AddRange(query);
        OssSigner signer = signature == OssSignature.V1 ? _v1 : _v4;
        return OssEncoding.Query(signer.SignQuery(request, credentials, time.GetUtcNow(), lifetime));
    }

    /// <summary>Judges a request by the query that it came with, decoded. Null when it is good. Expiry goes before the signature, and a
    /// parameter that is repeated counts by its first value, as with the service.</summary>
    /// <param name="headers">The headers of the request; several values of a name joined as they came.</param>
    public OssUrlRefusal? Verify(
        HttpMethod method,
        string key,
        IReadOnlyList<KeyValuePair<string, string>> query,
        IEnumerable<KeyValuePair<string, string>> headers)
    {
        var first = query.DistinctBy(one => one.Key, StringComparer.Ordinal).ToList();
        var request = new OssRequest(method, bucket, key);
        foreach (var (name, value) in headers)
            request.Headers[name] = value;
        return first.Exists(one => PartsOfV1.Contains(one.Key)) ? VerifyV1(request, first) : VerifyV4(request, first);
    }

    private OssUrlRefusal? VerifyV1(OssRequest request, List<KeyValuePair<string, string>> query)
    {
        if (Find(query, "OSSAccessKeyId") is not { } id || Find(query, "Signature") is not { } provided || Find(query, "Expires") is not { } expires)
            return OssUrlRefusal.Denied("Query string authentication requires the Signature, Expires and OSSAccessKeyId parameters");
        if (!long.TryParse(expires, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > LastSecond)
            return OssUrlRefusal.Denied("Invalid date (should be seconds since epoch).", "0002-00000070");

        var end = DateTimeOffset.FromUnixTimeSeconds(seconds);
        if (time.GetUtcNow() > end)
            return OssUrlRefusal.Expired;
        if (id != credentials.AccessKeyId)
            return OssUrlRefusal.UnknownKey;
        if (LacksToken(query, "security-token"))
            return OssUrlRefusal.WrongToken;

        // Whoever signed it may have meant one parameter where two stand now, or the other way round.
        if (!OssSignerV1.IsClear(request.Key, query))
            return OssUrlRefusal.Ambiguous;

        request.Query.AddRange(query.Where(one => !PartsOfV1.Contains(one.Key) && !IsOwnToken(one, "security-token")));
        return Same(Find(_v1.SignQuery(request, credentials, end, TimeSpan.Zero), "Signature"), provided);
    }

    private OssUrlRefusal? VerifyV4(OssRequest request, List<KeyValuePair<string, string>> query)
    {
        if (Find(query, "x-oss-signature-version") != OssSignerV4.Algorithm || Find(query, "x-oss-credential") is not { } credential
            || Find(query, "x-oss-date") is not { } date || Find(query, "x-oss-expires") is not { } expires
            || Find(query, "x-oss-signature") is not { } provided)
        {
            return OssUrlRefusal.Denied(
                "Query string authentication requires the x-oss-signature-version, x-oss-credential, x-oss-date, x-oss-expires and x-oss-signature parameters");
        }

        if (!int.TryParse(expires, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || seconds < 1 || seconds > OssPresigner.MaxLifetime.TotalSeconds)
            return OssUrlRefusal.Denied("x-oss-expires must be between 1 and 604800 seconds.");
        if (!DateTimeOffset.TryParseExact(
            date, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var signedAt))
            return OssUrlRefusal.Denied("OSS authentication requires a valid Date.", "0002-00000503");

        var now = time.GetUtcNow();
        var lifetime = TimeSpan.FromSeconds(seconds);
        if (now - signedAt > lifetime)
            return OssUrlRefusal.Expired;
        // Signed in the future, it would outlive its time.
        if (signedAt - now > MaxSkew)
            return OssUrlRefusal.Denied("The difference between the request time and the server's time is too large.");
        if (credential != $"{credentials.AccessKeyId}/{date[..8]}/{region}/oss/aliyun_v4_request")
            return credential.StartsWith(credentials.AccessKeyId + "/", StringComparison.Ordinal) ? OssUrlRefusal.OtherScope : OssUrlRefusal.UnknownKey;

        if (LacksToken(query, "x-oss-security-token"))
            return OssUrlRefusal.WrongToken;

        var bound = (Find(query, "x-oss-additional-headers") ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries);
        if (Array.Find(bound, name => !request.Headers.ContainsKey(name)) is { } missing)
            return OssUrlRefusal.Denied($"The request lacks the header '{missing}', which the URL binds.");

        request.Query.AddRange(query.Where(one => !PartsOfV4.Contains(one.Key) && !IsOwnToken(one, "x-oss-security-token")));
        return Same(Find(_v4.SignQuery(request, credentials, signedAt, lifetime, bound), "x-oss-signature"), provided);
    }

    private bool LacksToken(List<KeyValuePair<string, string>> query, string name) =>
        credentials.SecurityToken is { } own && Find(query, name) != own;

    // The signer adds it by itself.
    private bool IsOwnToken(KeyValuePair<string, string> one, string name) => one.Key == name && one.Value == credentials.SecurityToken;

    private static OssUrlRefusal? Same(string? expected, string provided) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected ?? ""), Encoding.UTF8.GetBytes(provided))
            ? null : OssUrlRefusal.Mismatch;

    private static string? Find(IEnumerable<KeyValuePair<string, string>> query, string name)
    {
        foreach (var (key, value) in query)
        {
            if (key == name)
                return value;
        }

        return null;
    }
}

/// <summary>Why a signed URL is none, in the service's words.</summary>
/// <param name="Code"><c>AccessDenied</c>, <c>SignatureDoesNotMatch</c>, <c>InvalidAccessKeyId</c> or <c>InvalidSecurityToken</c>; each is
/// 403.</param>
/// <param name="Ec">The finer code; null where the service's is not known.</param>
internal sealed record OssUrlRefusal(string Code, string Message, string? Ec = null)
{
    public static OssUrlRefusal Expired { get; } = Denied("Request has expired.", "0002-00000069");

    public static OssUrlRefusal Mismatch { get; } = new(
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
        "0002-00000040");

    public static OssUrlRefusal UnknownKey { get; } = new(
        "InvalidAccessKeyId", "The OSS Access Key Id you provided does not exist in our records.", "0002-00000902");

    public static OssUrlRefusal WrongToken { get; } = new("InvalidSecurityToken", "The security token you provided is invalid.", "0002-00000006");

    public static OssUrlRefusal Ambiguous { get; } = Denied("A V1 signature does not tell what this is from other parameters. Use V4.");

    public static OssUrlRefusal MoreThanKnown { get; } = Denied("A V1 signature of an image is for x-oss-process alone.");

    public static OssUrlRefusal OtherScope { get; } = Denied("Invalid signing date, region or product in x-oss-credential.");

    public static OssUrlRefusal Denied(string message, string? ec = null) => new("AccessDenied", message, ec);
}
