using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using OssProxy.Emulator.Http;
using OssProxy.Emulator.Storage;

namespace OssProxy.Emulator.Callbacks;

/// <summary>Fills the template of a callback. A variable that is unknown or has no value becomes empty.</summary>
internal static class CallbackBody
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>True when filling the template takes a look into the object.</summary>
    public static bool WantsImage(string template) => template.Contains("${imageInfo.", StringComparison.Ordinal);

    public static byte[] Fill(CallbackOrder order, OssRequest request, string operation, StoredObject stored, ImageHeader? image)
    {
        var filled = new StringBuilder(order.Body.Length + 256);
        var rest = order.Body.AsSpan();
        while (rest.IndexOf("${", StringComparison.Ordinal) is >= 0 and var start && rest[start..].IndexOf('}') is > 0 and var length)
        {
            filled.Append(rest[..start]);
            var name = rest.Slice(start + 2, length - 2).ToString();
            var (text, isNumber) = Value(name, order, request, operation, stored, image);
            filled.Append(order.IsJson ? isNumber && text.Length > 0 ? text : JsonSerializer.Serialize(text, Readable) : PercentEncoding.Encode(text));
            rest = rest[(start + length + 1)..];
        }

        return Encoding.UTF8.GetBytes(filled.Append(rest).ToString());
    }

    private static (string Text, bool IsNumber) Value(
        string name, CallbackOrder order, OssRequest request, string operation, StoredObject stored, ImageHeader? image) => name switch
        {
            "bucket" => (request.Bucket, false),
            "object" => (stored.Key, false),
            "etag" => (stored.ETag, false),
            "size" => (stored.Length.ToString(CultureInfo.InvariantCulture), true),
            "mimeType" => (stored.Attributes.Headers["Content-Type"], false),
            "imageInfo.height" => (image?.Height.ToString(CultureInfo.InvariantCulture) ?? "", true),
            "imageInfo.width" => (image?.Width.ToString(CultureInfo.InvariantCulture) ?? "", true),
            "imageInfo.format" => (image?.Format ?? "", false),
            "crc64" => (stored.Crc64.ToString(CultureInfo.InvariantCulture), false),
            "contentMd5" => (stored.ContentMd5 ?? "", false),
            "clientIp" => (request.ClientAddress, false),
            "reqId" => (request.RequestId, false),
            "operation" => (operation, false),
            _ => (order.Variables.GetValueOrDefault(name, ""), false),
        };
}
