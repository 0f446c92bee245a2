using OssProxy.Emulator.Errors;
using OssProxy.Emulator.Http;
using OssProxy.Emulator.Storage;

namespace OssProxy.Emulator.Operations;

/// <summary>The operations on buckets themselves.</summary>
internal sealed class BucketOperations(BucketStore store, string region)
{
    private const int DefaultBuckets = 100;
    private const int MaxConfigurationBytes = 64 << 10;
    private static readonly HashSet<string> Acls = new(StringComparer.Ordinal) { "private", "public-read", "public-read-write" };

    private string Location => "oss-" + region;

    public OssReply List(OssRequest request)
    {
        var prefix = request.Query["prefix"] ?? "";
        var marker = request.Query["marker"] ?? "";
        var maximum = ListParameters.Maximum(request.Query, "max-keys", DefaultBuckets);
        var matching = store.All()
            .Where(b => b.Name.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(b.Name, marker) > 0)
            .Take(maximum + 1).ToList();
        var page = matching.Take(maximum).ToList();
        var truncated = matching.Count > maximum;

        var xml = Owner.Write(new XmlText().Open("ListAllMyBucketsResult"))
            .Element("Prefix", prefix).Element("Marker", marker).Element("MaxKeys", maximum).Element("IsTruncated", truncated);
        if (truncated)
            xml.Element("NextMarker", page[^1].Name);

        xml.Open("Buckets");
        foreach (var bucket in page)
            Describe(xml.Open("Bucket"), bucket, request).Close();

        return OssReply.Xml(xml);
    }

    public async Task<OssReply> PutAsync(OssRequest request, CancellationToken cancellationToken)
    {
        var acl = AttributeHeaders.Acl(request, "x-oss-acl", Acls) ?? "private";
        await request.Body.ReadDocumentAsync(MaxConfigurationBytes, cancellationToken);
        return store.TryCreate(request.Bucket, acl, request.Now)
            ? new(200) { Headers = { Location = "/" + request.Bucket } }
            : throw OssErrors.BucketAlreadyExists(request.Bucket);
    }

    public OssReply Delete(OssRequest request)
    {
        store.Delete(request.Bucket);
        return new(204);
    }

    public OssReply Describe(OssRequest request)
    {
        var bucket = store.Get(request.Bucket).Description;
        var xml = Describe(new XmlText().Open("BucketInfo").Open("Bucket"), bucket, request).Element("DataRedundancyType", "LRS");
        Owner.Write(xml).Open("AccessControlList").Element("Grant", bucket.Acl).Close().Element("Comment", "");
        return OssReply.Xml(xml);
    }

    public OssReply Where(OssRequest request)
    {
        store.Get(request.Bucket);
        return OssReply.Xml(new XmlText().Element("LocationConstraint", Location));
    }

    private XmlText Describe(XmlText xml, BucketDescription bucket, OssRequest request) => xml
        .Element("Name", bucket.Name)
        .Element("Location", Location)
        .Element("CreationDate", bucket.Created)
        .Element("ExtranetEndpoint", request.Address.Host)
        .Element("IntranetEndpoint", request.Address.Host)
        .Element("StorageClass", "Standard");
}
