using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OssProxy.Core.Sts;

/// <summary>An answer in JSON, whatever its content type says. A member that stands there twice is refused, because two readers could
/// choose differently. Nothing that is wrong with it is told in its own words: they may hold a secret.</summary>
internal sealed class JsonAnswer
{
    private const int MaxDepth = 16;

    // Tokens have a few hundred characters to two thousand; what is longer would not fit into a request's head.
    private const int LongestValue = 4096;
    private const int LongestCode = 100;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    private readonly JsonElement _object;

    private JsonAnswer(JsonElement one) => _object = one;

    /// <summary>The object; null when the bytes are none.</summary>
    public static JsonAnswer? TryParse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            if (bytes.Span.StartsWith(Encoding.UTF8.Preamble))
                bytes = bytes[Encoding.UTF8.Preamble.Length..];
            using var document = JsonDocument.Parse(bytes, Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object ? new JsonAnswer(document.RootElement.Clone()) : null;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>A member that is an object; null when it is none.</summary>
    public JsonAnswer? Member(string name) =>
        _object.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.Object ? new JsonAnswer(member) : null;

    /// <summary>Visible ASCII, as headers can carry it; null when the member is nothing of the kind.</summary>
    public string? Visible(string name)
    {
        if (!_object.TryGetProperty(name, out var member) || member.ValueKind != JsonValueKind.String)
            return null;
        try
        {
            return member.GetString() is { Length: > 0 and <= LongestValue } text && text.All(letter => letter is > ' ' and <= '~') ? text : null;
        }
        catch (InvalidOperationException)
        {
            // Bytes that are no text.
            return null;
        }
    }

    /// <summary>A word for the log, such as <c>InvalidParameter.RoleArn</c> or a request id; empty when it is none.</summary>
    public string Word(string name) =>
        Visible(name) is { Length: <= LongestCode } word && word.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_')
            ? word
            : "";

    /// <summary>Credentials as STS and the metadata write them; null when something is missing.</summary>
    public TemporaryCredentials? Credentials() =>
        Visible("AccessKeyId") is { } id && Visible("AccessKeySecret") is { } secret && Visible("SecurityToken") is { } token
        && DateTimeOffset.TryParseExact(
            Visible("Expiration"), ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"], CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var expiration)
            ? new TemporaryCredentials(id, secret, token, expiration)
            : null;
}
