using System.Globalization;
using System.Text.Json;
using OssProxy.Core.Oss;

namespace OssProxy.Tests.Oss;

/// <summary>A case of the golden vectors that the official SDKs computed.</summary>
public sealed class SignatureVector(string id, JsonElement input, JsonElement expected)
{
    public JsonElement Input { get; } = input;

    public JsonElement Expected { get; } = expected;

    internal OssCredentials Credentials => Input.TryGetProperty("credentials", out var c)
        ? new(Text(c, "accessKeyId")!, Text(c, "accessKeySecret")!, Text(c, "securityToken"))
        : new("", "", null);

    public IReadOnlyCollection<string> AdditionalHeaders => Input.TryGetProperty("additionalHeaders", out var names)
        ? [.. names.EnumerateArray().Select(n => n.GetString()!)]
        : [];

    public DateTimeOffset SignTime =>
        DateTimeOffset.ParseExact(Text(Input, "signTime")!, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    internal OssSignerV4 SignerV4 => new(Text(Input, "region")!, Text(Input, "product")!);

    public static JsonElement Document(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Vectors", file + ".json")));
        return document.RootElement.Clone();
    }

    public static IEnumerable<SignatureVector> Read(string file, string? kind = null) =>
        Document(file).GetProperty("cases").EnumerateArray()
            .Where(c => kind is null || Text(c, "kind") == kind)
            .Select(c => new SignatureVector(Text(c, "id")!, c.GetProperty("input"), c.GetProperty("expected")));

    public static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    internal OssRequest Request()
    {
        var request = new OssRequest(new HttpMethod(Text(Input, "method")!), Text(Input, "bucket"), Text(Input, "key"));
        foreach (var pair in Input.GetProperty("query").EnumerateArray())
            request.With(pair[0].GetString()!, pair[1].GetString() ?? "");
        foreach (var header in Input.GetProperty("headers").EnumerateObject())
            request.Headers[header.Name] = header.Value.GetString()!;

        return request;
    }

    public override string ToString() => id;
}
