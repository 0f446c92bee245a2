using System.Text.Json;

namespace OssProxy.Tests.Conformance;

/// <summary>A case of <c>Vectors/x-oss-process.json</c>: what OSS answers for a source and a process, by its manual.</summary>
/// <param name="Certain">Whether the manual says so; otherwise it is how we read it.</param>
public sealed record ConformanceCase(string Id, string Source, string Process, string Method, bool Certain, int TolerancePx, JsonElement Expect)
{
    private static readonly JsonElement Document = Read();

    public static IReadOnlyList<ConformanceCase> All { get; } =
    [
        .. Document.GetProperty("cases").EnumerateArray().Select(one => new ConformanceCase(
            Text(one, "id")!, Text(one, "source")!, Text(one, "process")!, Text(one, "method") ?? "GET", one.GetProperty("certain").GetBoolean(),
            one.TryGetProperty("tolerancePx", out var pixels) ? pixels.GetInt32() : 0, one.GetProperty("expect"))),
    ];

    /// <summary>The styles that the cases name.</summary>
    public static IReadOnlyDictionary<string, string> Styles { get; } = Document.GetProperty("cases").EnumerateArray()
        .Where(one => one.TryGetProperty("styles", out _))
        .SelectMany(one => one.GetProperty("styles").EnumerateObject())
        .GroupBy(style => style.Name, style => style.Value.GetString()!)
        .ToDictionary(style => style.Key, style => style.First(), StringComparer.Ordinal);

    /// <summary>The file of its source below <c>Samples/conformance</c>; null for one that does not exist.</summary>
    public static string? FileOf(string source) => Directory
        .EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Samples", "conformance"))
        .FirstOrDefault(path => Path.GetFileNameWithoutExtension(path) == source || Path.GetFileName(path) == source);

    public override string ToString() => Id;

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static JsonElement Read()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Vectors", "x-oss-process.json")));
        return document.RootElement.Clone();
    }
}
