using System.Globalization;
using OssProxy.Emulator.Errors;
using OssProxy.Emulator.Http;
using OssProxy.Emulator.Storage;

namespace OssProxy.Emulator.Operations;

/// <summary>ListParts and ListMultipartUploads.</summary>
internal sealed class MultipartListings(BucketStore store)
{
    private const int DefaultEntries = 1000;

    public OssReply Parts(OssRequest request)
    {
        var bucket = store.Get(request.Bucket);
        var uploadId = request.Query["uploadId"]!;
        var upload = bucket.Uploads.Find(uploadId, request.Key);
        var encoding = ListParameters.Encoding(request.Query);
        var maximum = ListParameters.Maximum(request.Query, "max-parts", DefaultEntries);
        var marker = Marker(request.Query["part-number-marker"]);
        var rest = bucket.Uploads.Parts(uploadId, request.Key).Where(p => p.Number > marker).ToList();
        var page = rest.Take(maximum).ToList();

        var xml = new XmlText().Open("ListPartsResult");
        if (encoding.IsUrl)
            xml.Element("EncodingType", "url");

        xml.Element("Bucket", request.Bucket)
            .Element("Key", encoding.Apply(request.Key))
            .Element("UploadId", uploadId)
            .Element("StorageClass", upload.Attributes.StorageClass)
            .Element("PartNumberMarker", marker)
            .Element("NextPartNumberMarker", page.Count == 0 ? 0 : page[^1].Number)
            .Element("MaxParts", maximum)
            .Element("IsTruncated", rest.Count > maximum);
        foreach (var part in page)
        {
            xml.Open("Part")
                .Element("PartNumber", part.Number)
                .Element("LastModified", part.LastModified)
                .Element("ETag", BodyChecks.Quoted(part.ETag))
                .Element("HashCrc64ecma", BodyChecks.Crc(part.Crc64))
                .Element("Size", part.Length)
                .Close();
        }

        return OssReply.Xml(xml);
    }

    public OssReply Uploads(OssRequest request)
    {
        var query = request.Query;
        var encoding = ListParameters.Encoding(query);
        var maximum = ListParameters.Maximum(query, "max-uploads", DefaultEntries);
        var (prefix, delimiter) = (query["prefix"] ?? "", query["delimiter"] ?? "");
        var (keyMarker, idMarker) = (query["key-marker"] ?? "", query["upload-id-marker"] ?? "");

        // Several uploads may share a key: the id is part of the position, behind a byte that sorts before all others.
        var index = new KeyIndex<StoredUpload>();
        foreach (var upload in store.Get(request.Bucket).Uploads.All())
            index.Set(Position(upload.Key, upload.UploadId), upload);

        // With a key alone the page begins behind every upload of that key.
        var after = keyMarker.Length == 0 ? "" : Position(keyMarker, idMarker.Length == 0 ? "~" : idMarker);
        if (delimiter.Length > 0 && keyMarker.EndsWith(delimiter, StringComparison.Ordinal) && idMarker.Length == 0)
            after = keyMarker;

        var page = KeyListing.Page(index, static u => Position(u.Key, u.UploadId), static u => u.Key, prefix, delimiter, after, maximum);
        var nextIsUpload = page.Entries.Count > 0 && Position(page.Entries[^1].Key, page.Entries[^1].UploadId) == page.Last;
        var xml = new XmlText().Open("ListMultipartUploadsResult");
        if (encoding.IsUrl)
            xml.Element("EncodingType", "url");

        xml.Element("Bucket", request.Bucket)
            .Element("KeyMarker", encoding.Apply(keyMarker))
            .Element("UploadIdMarker", idMarker)
            .Element("NextKeyMarker", !page.IsTruncated ? "" : encoding.Apply(nextIsUpload ? page.Entries[^1].Key : page.Last))
            .Element("NextUploadIdMarker", page.IsTruncated && nextIsUpload ? page.Entries[^1].UploadId : "")
            .Element("Delimiter", encoding.Apply(delimiter))
            .Element("Prefix", encoding.Apply(prefix))
            .Element("MaxUploads", maximum)
            .Element("IsTruncated", page.IsTruncated);
        foreach (var upload in page.Entries)
        {
            xml.Open("Upload")
                .Element("Key", encoding.Apply(upload.Key))
                .Element("UploadId", upload.UploadId)
                .Element("StorageClass", upload.Attributes.StorageClass)
                .Element("Initiated", upload.Initiated)
                .Close();
        }

        foreach (var group in page.CommonPrefixes)
            xml.Open("CommonPrefixes").Element("Prefix", encoding.Apply(group)).Close();

        return OssReply.Xml(xml);
    }

    private static string Position(string key, string uploadId) => $"{key}\0{uploadId}";

    private static int Marker(string? text) => text is null or ""
        ? 0
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw OssErrors.InvalidArgument("Argument part-number-marker must be an integer.", "part-number-marker", text);
}
