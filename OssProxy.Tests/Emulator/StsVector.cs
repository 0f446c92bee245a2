using System.Globalization;
using System.Text;
using System.Text.Json;
using OssProxy.Emulator;
using OssProxy.Emulator.Sts;

namespace OssProxy.Tests.Emulator;

/// <summary>One captured call of STS, as it was on the wire.</summary>
internal sealed class StsVector
{
    private readonly JsonElement _case;
    private readonly JsonElement _input;

    private StsVector(JsonElement item) => (_case, _input) = (item, item.GetProperty("input"));

    public bool IsRpc => _case.GetProperty("scheme").GetString()!.StartsWith("RPC", StringComparison.Ordinal);

    public string Method => _input.GetProperty("method").GetString()!;

    public string Target => Wire("target") ?? "/?" + Form(Signed());

    public byte[] Body => Encoding.UTF8.GetBytes(Wire("body") ?? "");

    public string Expected(string name) => _case.GetProperty("expected").GetProperty(name).GetString()!;

    public DateTimeOffset SignedAt => DateTimeOffset.Parse(
        IsRpc ? Parameter("Timestamp")! : Header("x-acs-date")!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    public EmulatorCredential Credential => new()
    {
        AccessKeyId = IsRpc ? Parameter("AccessKeyId")! : Expected("authorization").Split("Credential=")[1].Split(',')[0],
        AccessKeySecret = _input.GetProperty("accessKeySecret").GetString()!,
        SecurityToken = IsRpc ? Parameter("SecurityToken") : Header("x-acs-security-token"),
    };

    public IReadOnlyList<KeyValuePair<string, string>> Headers =>
    [
        .. IsRpc
            ? Wire("contentType") is { } type ? [new KeyValuePair<string, string>("Content-Type", type)] : []
            : _input.GetProperty("signedHeaders").EnumerateObject().Select(h => KeyValuePair.Create(h.Name, h.Value.GetString()!))
                .Append(new("Authorization", Expected("authorization"))),
    ];

    public static IEnumerable<string> Ids => Read().Select(c => c.GetProperty("id").GetString()!);

    public static StsVector Load(string id) => new(Read().Single(c => c.GetProperty("id").GetString() == id));

    public StsRequest Request() => StsRequest.Parse(Method, Target, Headers, Body);

    public StsCall Verify(StsRequest request, DateTimeOffset? now = null) =>
        new StsVerifier(new([Credential]), TimeSpan.FromMinutes(15)).Verify(request, now ?? SignedAt);

    /// <summary>The same call, each time with one byte of something signed replaced, added or taken away.</summary>
    public IEnumerable<StsRequest> Changed()
    {
        var request = Request();
        yield return request with { Method = request.Method == "GET" ? "POST" : "GET" };
        foreach (var (name, value) in request.Parameters)
        {
            foreach (var changed in Flips(value))
                yield return WithParameter(request, name, changed);

            yield return WithParameter(WithParameter(request, name, null), name + "x", value);
        }

        yield return WithParameter(request, "Smuggled", "1");
        if (IsRpc)
            yield break;

        foreach (var (name, value) in request.Headers.Where(h => h.Key != "authorization"))
        {
            foreach (var changed in Flips(value))
                yield return WithHeader(request, name, changed);

            yield return WithHeader(request, name, null);
        }

        foreach (var changed in Flips(Expected("signature")))
            yield return WithHeader(request, "authorization", Expected("authorization").Replace(Expected("signature"), changed, StringComparison.Ordinal));

        yield return WithHeader(request, "authorization", Expected("authorization").Replace("Credential=", "Credential=x", StringComparison.Ordinal));
        yield return WithHeader(request, "authorization", Expected("authorization").Replace("host;", "", StringComparison.Ordinal));
        yield return WithHeader(request, "x-acs-smuggled", "1");
        yield return WithHeader(request, "content-type", "application/json");
        yield return request with { Body = [.. request.Body, 0] };
    }

    private static StsRequest WithParameter(StsRequest request, string name, string? value) =>
        request with { Parameters = With(request.Parameters, name, value), Query = With(request.Query, name, value) };

    private static StsRequest WithHeader(StsRequest request, string name, string? value) => request with { Headers = With(request.Headers, name, value) };

    private static Dictionary<string, string> With(IReadOnlyDictionary<string, string> all, string name, string? value)
    {
        var copy = all.Where(p => p.Key != name).ToDictionary(StringComparer.Ordinal);
        if (value is not null)
            copy[name] = value;

        return copy;
    }

    private static IEnumerable<string> Flips(string text) => new[] { 0, text.Length / 2, text.Length - 1 }.Distinct()
        .Select(i => text[..i] + (text[i] == 'a' ? 'b' : 'a') + text[(i + 1)..]);

    private IEnumerable<KeyValuePair<string, string>> Signed() => _input.GetProperty("parameters").EnumerateObject()
        .Select(p => KeyValuePair.Create(p.Name, p.Value.GetString()!)).Append(new("Signature", Expected("signature")));

    private static string Form(IEnumerable<KeyValuePair<string, string>> pairs) =>
        string.Join('&', pairs.Select(p => $"{Uri.EscapeDataString(p.Key)}={Uri.EscapeDataString(p.Value)}"));

    private string? Wire(string name) => _case.TryGetProperty("wire", out var wire) && wire.TryGetProperty(name, out var value) ? value.GetString() : null;

    private string? Parameter(string name) => Text(_input.GetProperty("parameters"), name);

    private string? Header(string name) => Text(_input.GetProperty("signedHeaders"), name);

    private static string? Text(JsonElement item, string name) => item.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static IEnumerable<JsonElement> Read()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Vectors", "sts.json")));
        return [.. document.RootElement.GetProperty("cases").EnumerateArray().Select(c => c.Clone())];
    }
}
