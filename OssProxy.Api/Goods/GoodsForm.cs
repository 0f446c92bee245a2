using System.Text;
using System.Text.Json;
using OssProxy.Api.Envelope;
using OssProxy.Api.Library;

namespace OssProxy.Api.Goods;

/// <summary>Goods as a client sends them: their images, and whatever else it has to say of them, which is kept as it came.</summary>
/// <param name="Images">Addresses, one to <see cref="MostImages"/>.</param>
/// <param name="Kept">The other fields, as a JSON object.</param>
internal sealed record GoodsForm(IReadOnlyList<string> Images, string Kept)
{
    /// <summary>Most images of one publication.</summary>
    public const int MostImages = 20;

    // For a handful of texts; whoever has more to keep has a backend of their own.
    private const int MostFields = 32;
    private const int MostBytes = 16 * 1024;
    private const int LongestName = 64;
    private const string ImagesName = "imgs";

    /// <summary>Reads a body.</summary>
    /// <exception cref="ApiException"><see cref="ApiError.FieldInvalid"/>.</exception>
    public static GoodsForm Of(Fields fields)
    {
        var images = ImagesOf(fields[ImagesName]);
        if (images.Count is < 1 or > MostImages)
            throw Fields.Invalid($"imgs 必须有 1 到 {MostImages} 张图片的地址");
        return new GoodsForm(images, KeptOf(fields));
    }

    // One text with commas, a list, or a list as JSON in the field of a form.
    private static IReadOnlyList<string> ImagesOf(FieldValue? value)
    {
        if (value?.Single?.Trim() is not { } text)
            return value?.Items ?? [];
        return text.StartsWith('[') ? FieldValue.Of(ImagesName, Fields.Json(Encoding.UTF8.GetBytes(text)))?.Items ?? [] : Split(text);
    }

    // A comma behind which no address begins belongs to the one before it: ?x-oss-process=image/resize,w_300.
    private static List<string> Split(string text)
    {
        var addresses = new List<string>();
        foreach (var piece in text.Split(',').Where(piece => !string.IsNullOrWhiteSpace(piece)))
        {
            if (addresses.Count == 0 || piece.TrimStart().StartsWith('/') || piece.Contains("://", StringComparison.Ordinal))
                addresses.Add(piece);
            else
                addresses[^1] += "," + piece;
        }

        return [.. addresses.Select(address => address.Trim())];
    }

    private static string KeptOf(Fields fields)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = Reply.Json.Encoder }))
        {
            json.WriteStartObject();
            var count = 0;
            foreach (var name in fields.Names.Where(name => name != ImagesName && !GoodsView.OwnNames.Contains(name)))
            {
                if (++count > MostFields)
                    throw Fields.Invalid($"除 imgs 外最多 {MostFields} 个字段");
                Fields.Checked("字段名", name, 1, LongestName, Rune.IsControl);
                if (fields[name] is { } value)
                    Write(json, name, value);
            }

            json.WriteEndObject();
        }

        return buffer.Length <= MostBytes
            ? Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length)
            : throw Fields.Invalid($"除 imgs 外的字段一共不能超过 {MostBytes / 1024} KB");
    }

    private static void Write(Utf8JsonWriter json, string name, FieldValue value)
    {
        var text = value.Single ?? throw Fields.Invalid($"{name} 必须是文字、数字或 true、false");
        if (value.IsText)
            json.WriteString(name, Fields.Checked(name, text, 0, MostBytes, rune => Rune.IsControl(rune) && rune.Value is not ('\t' or '\r' or '\n')));
        else
        {
            // As it was written: a price of 12.50 keeps its zero.
            json.WritePropertyName(name);
            json.WriteRawValue(text);
        }
    }
}
