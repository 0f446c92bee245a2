using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace OssProxy.Core.Oss;

/// <summary>The XML of replies, read by local name: old answers carry a namespace, live ones none. Document types are refused.</summary>
internal static class OssXml
{
    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersFromEntities = 1024,
    };

    /// <summary>The root element; null when the bytes are no XML, or another document than expected.</summary>
    public static XElement? TryParse(byte[] bytes, string root)
    {
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(bytes, writable: false), Settings);
            var element = XDocument.Load(reader).Root;
            return element?.Name.LocalName == root ? element : null;
        }
        catch (XmlException)
        {
            return null;
        }
    }

    /// <summary>The root element of an answer that must have one.</summary>
    /// <exception cref="OssTransportException">The answer is none of OSS.</exception>
    public static XElement Parse(byte[] bytes, string root) =>
        TryParse(bytes, root) ?? throw new OssTransportException(OssTransportError.AnswerUnreadable, $"The answer is no <{root}>.");

    public static IEnumerable<XElement> All(this XElement parent, string name) => parent.Elements().Where(e => e.Name.LocalName == name);

    public static XElement? Child(this XElement parent, string name) => parent.All(name).FirstOrDefault();

    /// <summary>The text of a child; null when it is absent or empty.</summary>
    public static string? Text(this XElement parent, string name) => parent.Child(name)?.Value is { Length: > 0 } text ? text : null;

    /// <summary>The text of a child that must be there.</summary>
    /// <exception cref="OssTransportException">It is not.</exception>
    public static string Required(this XElement parent, string name) =>
        parent.Child(name)?.Value
        ?? throw new OssTransportException(OssTransportError.AnswerUnreadable, $"<{parent.Name.LocalName}> holds no <{name}>.");

    /// <summary>A number that must be there.</summary>
    /// <exception cref="OssTransportException">It is not.</exception>
    public static long Number(this XElement parent, string name) =>
        long.TryParse(parent.Required(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new OssTransportException(OssTransportError.AnswerUnreadable, $"<{name}> is no number.");

    public static bool Flag(this XElement parent, string name) => parent.Text(name) == "true";

    /// <summary>ISO-8601 with milliseconds and Z.</summary>
    public static DateTimeOffset? Time(this XElement parent, string name) => Time(parent.Text(name));

    public static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : null;

    public static ulong? Crc(string? text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var crc) ? crc : null;
}
