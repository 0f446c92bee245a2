using System.Text;
using OssProxy.Emulator.Errors;
using OssProxy.Emulator.Http;
using OssProxy.Emulator.Storage;

namespace OssProxy.Emulator.Operations;

/// <summary>ListObjects (V1, markers) and ListObjectsV2 (opaque tokens).</summary>
internal sealed class ObjectListings(BucketStore store)
{
    private const int DefaultKeys = 100;

    public OssReply V1(OssRequest request)
    {
        var (prefix, delimiter, maximum, encoding) = Common(request.Query);
        var marker = request.Query["marker"] ?? "";
        var page = store.Get(request.Bucket).List(prefix, delimiter, marker, maximum);
        var xml = new XmlText().Open("ListBucketResult")
            .Element("Name", request.Bucket)
            .Element("Prefix", encoding.Apply(prefix))
            .Element("Marker", encoding.Apply(marker))
            .Element("MaxKeys", maximum)
            .Element("Delimiter", encoding.Apply(delimiter));
        Tail(xml, page, encoding);
        if (page.IsTruncated)
            xml.Element("NextMarker", encoding.Apply(page.Last));

        Contents(xml, page, encoding, withOwner: true);
        return OssReply.Xml(xml);
    }

    public OssReply V2(OssRequest request)
    {
        var (prefix, delimiter, maximum, encoding) = Common(request.Query);
        var startAfter = request.Query["start-after"] ?? "";
        var token = request.Query["continuation-token"];
        var withOwner = request.Query["fetch-owner"] switch
        {
            null or "" or "false" => false,
            "true" => true,
            var other => throw OssErrors.InvalidArgument("The fetch-owner is invalid.", "fetch-owner", other),
        };
        var page = store.Get(request.Bucket).List(prefix, delimiter, string.IsNullOrEmpty(token) ? startAfter : Position(token), maximum);
        var xml = new XmlText().Open("ListBucketResult")
            .Element("Name", request.Bucket)
            .Element("Prefix", encoding.Apply(prefix))
            .Element("StartAfter", encoding.Apply(startAfter))
            .Element("MaxKeys", maximum)
            .Element("Delimiter", encoding.Apply(delimiter));
        Tail(xml, page, encoding);
        if (token is not null)
            xml.Element("ContinuationToken", token);

        if (page.IsTruncated)
            xml.Element("NextContinuationToken", Convert.ToBase64String(Encoding.UTF8.GetBytes(page.Last)));

        xml.Element("KeyCount", page.Count);
        Contents(xml, page, encoding, withOwner);
        return OssReply.Xml(xml);
    }

    private static (string Prefix, string Delimiter, int Maximum, KeyEncoding Encoding) Common(QueryParameters query) =>
        (query["prefix"] ?? "", query["delimiter"] ?? "", ListParameters.Maximum(query, "max-keys", DefaultKeys), ListParameters.Encoding(query));

    private static void Tail(XmlText xml, KeyPage<StoredObject> page, KeyEncoding encoding)
    {
        if (encoding.IsUrl)
            xml.Element("EncodingType", "url");

        xml.Element("IsTruncated", page.IsTruncated);
    }

    private static void Contents(XmlText xml, KeyPage<StoredObject> page, KeyEncoding encoding, bool withOwner)
    {
        foreach (var stored in page.Entries)
        {
            xml.Open("Contents")
                .Element("Key", encoding.Apply(stored.Key))
                .Element("LastModified", stored.LastModified)
                .Element("ETag", BodyChecks.Quoted(stored.ETag))
                .Element("Type", stored.Type)
                .Element("Size", stored.Length)
                .Element("StorageClass", stored.Attributes.StorageClass);
            if (withOwner)
                Owner.Write(xml);

            xml.Close();
        }

        foreach (var group in page.CommonPrefixes)
            xml.Open("CommonPrefixes").Element("Prefix", encoding.Apply(group)).Close();
    }

    private static string Position(string token)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(token));
        }
        catch (FormatException)
        {
            throw OssErrors.InvalidArgument("The continuation-token is invalid.", "continuation-token", token);
        }
    }
}

/// <summary>The one account that owns everything here.</summary>
internal static class Owner
{
    public const string Account = "1000000000000001";

    public static XmlText Write(XmlText xml) => xml.Open("Owner").Element("ID", Account).Element("DisplayName", Account).Close();
}
