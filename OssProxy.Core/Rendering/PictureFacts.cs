using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OssProxy.Core.Rendering;

/// <summary><c>info</c>: JSON in which every value is an object with a text, in the order of the names; sizes as stored. Read from
/// headers alone.</summary>
internal static class PictureFacts
{
    public static byte[] Json(SourcePicture source)
    {
        var facts = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["ResolutionUnit"] = "1",
            ["XResolution"] = "1/1",
            ["YResolution"] = "1/1",
        };
        foreach (var (name, value) in ExifTags.Read(source.Exif()))
            facts[name] = value;

        // Last, so that no EXIF can say otherwise.
        facts["FileSize"] = Number(source.Content.Length);
        facts["Format"] = source.Kind.Word();
        facts["FrameCount"] = Number(source.Frames);
        facts["ImageHeight"] = Number(source.Height);
        facts["ImageWidth"] = Number(source.Width);
        return Written(facts);
    }

    private static byte[] Written(SortedDictionary<string, string> facts)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            foreach (var (name, value) in facts)
            {
                json.WriteStartObject(name);
                json.WriteString("value", value);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
