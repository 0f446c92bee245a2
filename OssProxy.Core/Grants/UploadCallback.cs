using System.Text;
using System.Text.Json;

namespace OssProxy.Core.Grants;

/// <summary>Where this server can be called by the store; null where nobody has said.</summary>
public delegate string? CallbackAddress();

/// <summary>
/// What the store is asked to call when an upload has ended (OSS API reference: "Callback"). The grant's token comes back in the call, so that
/// the file is known by it; that the store has called is proved by its signature alone.
/// </summary>
internal static class UploadCallback
{
    /// <summary>The custom variable that holds the token.</summary>
    public const string GrantVariable = "x:grant";

    private const string Facts = "bucket=${bucket}&object=${object}&etag=${etag}&size=${size}&mimeType=${mimeType}&crc64=${crc64}&grant=";

    /// <summary>The callback with the token in a variable, which has to be sent beside it.</summary>
    public static string WithVariable(string url) => Write(url, "${" + GrantVariable + "}");

    /// <summary>The callback with the token in it, for clients that send one field alone.</summary>
    public static string With(string url, string token) => Write(url, token);

    /// <summary>The variable as puts send it.</summary>
    public static string Variable(string token) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes($$"""{"{{GrantVariable}}":"{{token}}"}"""));

    /// <summary>What is told of an upload, with the token in it, for SDKs that write the callback themselves.</summary>
    public static string FactsWith(string token) => Facts + token;

    private static string Write(string url, string grant)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("callbackUrl", url);
            json.WriteString("callbackBody", Facts + grant);
            json.WriteString("callbackBodyType", "application/x-www-form-urlencoded");
            json.WriteEndObject();
        }

        return Convert.ToBase64String(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }
}
