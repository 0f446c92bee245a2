using System.Globalization;
using System.Text.Json;
using OssProxy.Emulator;
using OssProxy.Emulator.Http;
using OssProxy.Emulator.Signatures;

namespace OssProxy.Tests.Emulator;

/// <summary>One case of the vector files, as the request that would be on the wire.</summary>
internal sealed class SignatureVector
{
    private readonly JsonElement _case;
    private readonly JsonElement _input;
    private readonly string _kind;

    private SignatureVector(string file, JsonElement item)
    {
        (_case, _input) = (item, item.GetProperty("input"));
        _kind = item.TryGetProperty("kind", out var kind) ? kind.GetString()! : file;
    }

    public SignatureForm Form => _kind switch
    {
        "v1-header" => SignatureForm.V1Header,
        "v4-header" => SignatureForm.V4Header,
        "v1-presign" => SignatureForm.V1Url,
        _ => SignatureForm.V4Url,
    };

    public bool StartsFromSigningKey => _kind == "v4-header-from-signing-key";

    public byte[] SigningKey => Convert.FromHexString(Text(_input, "signingKeyHex")!);

    public string Signature => Expected("signature")!;

    public IReadOnlyList<string> Additional => !_input.TryGetProperty("additionalHeaders", out var names) ? [] :
        [.. names.EnumerateArray().Select(n => n.GetString()!.ToLowerInvariant())
            .Where(n => !SignatureV4.IsSignedByDefault(n) && Headers().Any(h => h.Key.Equals(n, StringComparison.OrdinalIgnoreCase)))
            .Order(StringComparer.Ordinal)];

    public DateTimeOffset SignedAt => Text(_input, "signTime") is { } iso
        ? DateTimeOffset.ParseExact(iso, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal)
        : _input.TryGetProperty("expires", out var expires)
            ? DateTimeOffset.FromUnixTimeSeconds(expires.GetInt64())
            : DateTimeOffset.ParseExact(Text(_input, "date") ?? Text(_input, "xOssDate")!, "r", CultureInfo.InvariantCulture);

    public static IEnumerable<string> Ids(string file) => Read(file).Select(c => c.GetProperty("id").GetString()!);

    public static SignatureVector Load(string file, string id) => new(file, Read(file).Single(c => c.GetProperty("id").GetString() == id));

    public string? Expected(string name) => Text(_case.GetProperty("expected"), name);

    public IEnumerable<string> Disagreeing() =>
        _case.GetProperty("disagreeing").EnumerateObject().Select(o => o.Value.GetProperty("signature").GetString()!);

    public SignatureForm Verify(SignedRequest request) => Verify(request, SignedAt);

    public SignatureForm Verify(SignedRequest request, DateTimeOffset now)
    {
        var credentials = _input.GetProperty("credentials");
        var known = new EmulatorCredential
        {
            AccessKeyId = Text(credentials, "accessKeyId")!,
            AccessKeySecret = Text(credentials, "accessKeySecret")!,
            SecurityToken = Text(credentials, "securityToken"),
        };
        return new SignatureVerifier(new([known]), Text(_input, "region") ?? "cn-hangzhou", TimeSpan.FromMinutes(15), Text(_input, "product") ?? "oss").Verify(request, now).Form;
    }

    /// <summary>Goes through the parser of targets, so that a key or value decoded twice would show.</summary>
    public SignedRequest Request(string? signature = null)
    {
        signature ??= Signature;
        var (bucket, key) = (Text(_input, "bucket"), Text(_input, "key"));
        var query = string.Join('&', Query(signature).Select(p => p.Value.Length == 0 ? Escape(p.Key) : $"{Escape(p.Key)}={Escape(p.Value)}"));
        var target = (bucket is null ? "/" : $"/{bucket}/{string.Join('/', (key ?? "").Split('/').Select(Escape))}") + (query.Length == 0 ? "" : "?" + query);
        var address = RequestAddress.Parse("127.0.0.1", target, new());
        return new(Text(_input, "method")!, address.Bucket, address.Key, address.Query, [.. Headers(), .. Authorization(signature)]);
    }

    public SignedRequest WithHeader(string name, string? value)
    {
        var request = Request();
        var others = request.Headers.Where(h => !h.Key.Equals(name, StringComparison.OrdinalIgnoreCase));
        return new(request.Method, request.Bucket, request.Key, request.Query, value is null ? [.. others] : [.. others, new(name, value)]);
    }

    public SignedRequest Without(string parameter)
    {
        var request = Request();
        var rest = string.Join('&', request.Query.Items.Where(p => p.Name != parameter).Select(p => $"{Escape(p.Name)}={Escape(p.Value ?? "")}"));
        return new(request.Method, request.Bucket, request.Key, QueryParameters.Parse(rest), request.Headers);
    }

    /// <summary>The same request, each time with one byte of something signed replaced.</summary>
    public IEnumerable<SignedRequest> Changed()
    {
        var request = Request();
        yield return Request(Flip(Signature, 0));
        yield return Request(Flip(Signature, Signature.Length / 2));
        yield return new(request.Method == "GET" ? "GEU" : "GET", request.Bucket, request.Key, request.Query, request.Headers);
        if (request.Bucket is { } bucket)
            yield return new(request.Method, Flip(bucket, 0), request.Key, request.Query, request.Headers);

        if (request.Key is { } key)
            yield return new(request.Method, request.Bucket, Flip(key, key.Length - 1), request.Query, request.Headers);

        foreach (var header in request.ByName.Where(h => h.Key is "content-type" or "content-md5" or "x-oss-meta-author" or "x-oss-security-token"))
            yield return WithHeader(header.Key, Flip(header.Value, header.Value.Length - 1));

        yield return WithHeader("x-oss-meta-smuggled", "1");
        if (Form is SignatureForm.V4Header or SignatureForm.V4Url)
        {
            var more = string.Join('&', request.Query.Items.Select(p => $"{Escape(p.Name)}={Escape(p.Value ?? "")}").Append("smuggled=1"));
            yield return new(request.Method, request.Bucket, request.Key, QueryParameters.Parse(more), request.Headers);
        }
    }

    private static string Flip(string text, int index) => text[..index] + (text[index] == 'a' ? 'b' : 'a') + text[(index + 1)..];

    private List<KeyValuePair<string, string>> Headers()
    {
        var headers = _input.GetProperty("headers").EnumerateObject().Select(h => KeyValuePair.Create(h.Name, h.Value.GetString()!)).ToList();
        if (_case.GetProperty("expected").TryGetProperty("headersAddedBySigner", out var added))
        {
            headers.AddRange(added.EnumerateObject().Select(h => KeyValuePair.Create(h.Name, h.Value.GetString()!)));
        }
        else if (_kind == "v1-header")
        {
            headers.Add(new("Date", Text(_input, "date")!));
        }
        else if (_kind == "v4-header")
        {
            headers.AddRange([new("x-oss-content-sha256", "UNSIGNED-PAYLOAD"), new("x-oss-date", Text(_input, "signTime")!)]);
            if (Text(_input.GetProperty("credentials"), "securityToken") is { } token)
                headers.Add(new("x-oss-security-token", token));
        }

        return headers;
    }

    private string Scope => $"{Text(_input, "signTime")![..8]}/{Text(_input, "region")}/{Text(_input, "product")}/aliyun_v4_request";

    private string AccessKeyId => Text(_input.GetProperty("credentials"), "accessKeyId")!;

    private IEnumerable<KeyValuePair<string, string>> Authorization(string signature)
    {
        var additional = Additional.Count == 0 ? "" : $"AdditionalHeaders={string.Join(';', Additional)},";
        return _kind switch
        {
            "v1-header" => [new("Authorization", $"OSS {AccessKeyId}:{signature}")],
            "v4-header" => [new("Authorization", $"OSS4-HMAC-SHA256 Credential={AccessKeyId}/{Scope},{additional}Signature={signature}")],
            _ => [],
        };
    }

    private List<KeyValuePair<string, string>> Query(string signature)
    {
        var query = _input.GetProperty("query").EnumerateArray().Select(p => KeyValuePair.Create(p[0].GetString()!, p[1].GetString()!)).ToList();
        var token = _input.TryGetProperty("credentials", out var credentials) ? Text(credentials, "securityToken") : null;
        if (_kind == "v1-presign")
        {
            query.AddRange([new("OSSAccessKeyId", AccessKeyId), new("Expires", _input.GetProperty("expires").GetRawText()), new("Signature", signature)]);
            query.AddRange(token is null ? [] : [new("security-token", token)]);
        }
        else if (_kind == "v4-presign")
        {
            query.AddRange(
            [
                new("x-oss-signature-version", "OSS4-HMAC-SHA256"), new("x-oss-credential", $"{AccessKeyId}/{Scope}"),
                new("x-oss-date", Text(_input, "signTime")!), new("x-oss-expires", _input.GetProperty("expiresIn").GetRawText()), new("x-oss-signature", signature),
            ]);
            query.AddRange(token is null ? [] : [new("x-oss-security-token", token)]);
            query.AddRange(Additional.Count == 0 ? [] : [new("x-oss-additional-headers", string.Join(';', Additional))]);
        }

        return query;
    }

    private static string Escape(string text) => Uri.EscapeDataString(text);

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static List<JsonElement> Read(string file) =>
        [.. JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Vectors", file + ".json"))).RootElement.GetProperty("cases").EnumerateArray()];
}
