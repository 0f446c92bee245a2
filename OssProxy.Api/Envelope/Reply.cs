using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OssProxy.Api.Envelope;

/// <summary>
/// The one form of every answer. Consoles test <c>msg</c> for <c>ok</c>, chat clients read <c>data</c>, newer ones <c>code</c>; a failure
/// carries its text in both <c>msg</c> and <c>data</c>, because some clients show the one and some the other.
/// </summary>
public sealed record Reply(
    [property: JsonPropertyName("code")] int Code,
    [property: JsonPropertyName("msg")] string Message,
    [property: JsonPropertyName("data")] object? Data,
    [property: JsonPropertyName("errorCode"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ErrorCode = null,
    [property: JsonPropertyName("requestId"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? RequestId = null)
{
    /// <summary>How replies are written: Chinese text stays readable; nothing here is ever embedded in HTML.</summary>
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Success: HTTP 200, which the chat clients compare exactly.</summary>
    public static Reply Ok(object? data) => new(StatusCodes.Status200OK, "ok", data);

    /// <summary>Failure with the same human text in both places.</summary>
    public static Reply Failed(Failure failure, string text, string requestId) =>
        new(failure.Status, text, text, failure.Code, requestId);

    /// <summary>Writes the whole reply at once, with its length: in chunks, the end of a short answer would be a packet of its own.</summary>
    public async Task WriteAsync(HttpResponse response)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(this, Json);
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = bytes.Length;

        // Without a token of ours the framework lets a client leave in the middle; with one it throws, and logs that as an error.
        await response.Body.WriteAsync(bytes, CancellationToken.None);
    }
}
