using System.Text.Json.Serialization;

namespace OssProxy.Api.Videos;

/// <summary>A picture of a video as the chat clients know it; they read <paramref name="Url"/> alone.</summary>
/// <param name="Base64">The picture as an address of its own: <c>data:image/png;base64,…</c>.</param>
/// <param name="Url">Where it was stored.</param>
/// <param name="Format">As it was asked for.</param>
/// <param name="Time">Likewise.</param>
/// <param name="Width">Likewise, or <c>原始宽度</c>.</param>
public sealed record SnapshotView(
    [property: JsonPropertyName("base64")] string Base64,
    [property: JsonPropertyName("url")] string Url,
    [property: JsonPropertyName("format")] string Format,
    [property: JsonPropertyName("time")] object Time,
    [property: JsonPropertyName("width")] object Width);
