using System.Text.Json;

namespace OssProxy.Tests.Images;

/// <summary>A case of the golden vectors of <c>x-oss-process</c>.</summary>
public sealed class ProcessVector(JsonElement element, JsonElement source)
{
    private static readonly JsonElement Document = Read();

    public static IReadOnlyList<ProcessVector> All { get; } =
    [
        .. Document.GetProperty("cases").EnumerateArray().Select(element =>
            new ProcessVector(element, Document.GetProperty("sources").GetProperty(element.GetProperty("source").GetString()!))),
    ];

    public string Id => element.GetProperty("id").GetString()!;

    public string Process => element.GetProperty("process").GetString()!;

    public bool IsCertain => element.GetProperty("certain").GetBoolean();

    public bool IsError => Expected.TryGetProperty("error", out _);

    public string? Code => Text("code");

    public string? Ec => Text("ec");

    public string? Message => Text("message");

    /// <summary>The size that comes out; null where none is expected.</summary>
    public (int Width, int Height)? Size => Expected.TryGetProperty("width", out var width)
        ? (width.GetInt32(), Expected.GetProperty("height").GetInt32())
        : null;

    /// <summary>The size of the source as it is stored.</summary>
    public (int Width, int Height) Stored => (source.GetProperty("width").GetInt32(), source.GetProperty("height").GetInt32());

    /// <summary>Whether the source is shown with its sides exchanged.</summary>
    public bool LiesOnItsSide => source.TryGetProperty("exifOrientation", out var orientation) && orientation.GetInt32() >= 5;

    private JsonElement Expected => element.GetProperty("expect");

    public static ProcessVector Of(string id) => All.Single(vector => vector.Id == id);

    public override string ToString() => Id;

    private static JsonElement Read()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Vectors", "x-oss-process.json")));
        return document.RootElement.Clone();
    }

    private string? Text(string name) =>
        Expected.TryGetProperty("error", out var error) && error.TryGetProperty(name, out var value) ? value.GetString() : null;
}
