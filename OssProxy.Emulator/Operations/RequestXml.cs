using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using OssProxy.Emulator.Errors;

namespace OssProxy.Emulator.Operations;

/// <summary>Reads the documents that clients send, by local name, without DTD or external entities.</summary>
internal static class RequestXml
{
    public static (IReadOnlyList<string> Keys, bool Quiet) Deletions(byte[] document)
    {
        var root = Parse(document, "Delete", "0016-00000608");
        var quiet = Child(root, "Quiet") is { } text && text.Trim().Equals("true", StringComparison.OrdinalIgnoreCase);
        var keys = new List<string>();
        foreach (var item in root.Elements().Where(e => e.Name.LocalName == "Object"))
        {
            if (Child(item, "VersionId") is not null)
                throw OssErrors.ResourceNotImplemented("versionId");

            keys.Add(Child(item, "Key") is { Length: > 0 } key ? key : throw OssErrors.MalformedXml("0016-00000608"));
        }

        return (keys, quiet);
    }

    /// <summary>Number and ETag (unquoted, as written) of each part in document order.</summary>
    public static IReadOnlyList<(int Number, string ETag)> Parts(byte[] document)
    {
        const string EmptyOrBroken = "0042-00000205";
        var parts = new List<(int, string)>();
        foreach (var item in Parse(document, "CompleteMultipartUpload", EmptyOrBroken).Elements().Where(e => e.Name.LocalName == "Part"))
        {
            if (!int.TryParse(Child(item, "PartNumber"), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number)
                || Child(item, "ETag") is not { } etag)
            {
                throw OssErrors.MalformedXml(EmptyOrBroken);
            }

            parts.Add((number, etag.Trim().Trim('"')));
        }

        return parts.Count > 0 ? parts : throw OssErrors.MalformedXml(EmptyOrBroken);
    }

    private static string? Child(XElement parent, string name) => parent.Elements().FirstOrDefault(e => e.Name.LocalName == name)?.Value;

    private static XElement Parse(byte[] document, string rootName, string errorCode)
    {
        try
        {
            // Preserved: a key may be made of blanks.
            using var reader = XmlReader.Create(new MemoryStream(document), new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            var root = XElement.Load(reader, LoadOptions.PreserveWhitespace);
            return root.Name.LocalName == rootName ? root : throw OssErrors.MalformedXml(errorCode);
        }
        catch (XmlException)
        {
            throw OssErrors.MalformedXml(errorCode);
        }
    }
}
