using System.Globalization;
using System.Runtime.CompilerServices;

namespace OssProxy.Core.Oss;

/// <summary>What the service tells of a bucket.</summary>
/// <param name="Location"><c>oss-cn-hangzhou</c>.</param>
/// <param name="Acl"><c>private</c>, <c>public-read</c> or <c>public-read-write</c>.</param>
public sealed record OssBucketDescription(
    string Name,
    string? Location,
    string? ExtranetEndpoint,
    string? IntranetEndpoint,
    string? StorageClass,
    string? Acl,
    DateTimeOffset? Created);

/// <summary>The bucket as a whole: what it is and what lies in it.</summary>
public sealed class OssBucket
{
    private readonly OssTransport _transport;

    internal OssBucket(OssTransport transport) => _transport = transport;

    /// <summary>GetBucketInfo. Needs <c>oss:GetBucketInfo</c> only, unlike listing all buckets: fit for a health probe.</summary>
    public async Task<OssBucketDescription> DescribeAsync(CancellationToken cancellationToken)
    {
        var answer = await _transport.SendAsync(
            _transport.Request(HttpMethod.Get).With("bucketInfo"),
            reply => reply.ReadXmlAsync("BucketInfo"),
            cancellationToken);
        var bucket = answer.Child("Bucket")
            ?? throw new OssTransportException(OssTransportError.AnswerUnreadable, "<BucketInfo> holds no <Bucket>.");

        return new OssBucketDescription(
            bucket.Required("Name"),
            bucket.Text("Location"),
            bucket.Text("ExtranetEndpoint"),
            bucket.Text("IntranetEndpoint"),
            bucket.Text("StorageClass"),
            bucket.Child("AccessControlList")?.Text("Grant"),
            bucket.Time("CreationDate"));
    }

    /// <summary>ListObjectsV2, one page.</summary>
    public async Task<OssListPage> ListPageAsync(OssListQuery query, CancellationToken cancellationToken)
    {
        // Keys may hold what XML 1.0 cannot: they come percent-encoded.
        var request = _transport.Request(HttpMethod.Get).With("list-type", "2").With("encoding-type", "url")
            .With("max-keys", query.MaxKeys.ToString(CultureInfo.InvariantCulture));
        foreach (var (name, value) in new[]
            { ("prefix", query.Prefix), ("delimiter", query.Delimiter), ("start-after", query.StartAfter),
              ("continuation-token", query.ContinuationToken) })
        {
            if (!string.IsNullOrEmpty(value))
                request.With(name, value);
        }

        return await _transport.SendAsync(request, async reply =>
        {
            var listing = await reply.ReadXmlAsync("ListBucketResult");
            var objects = listing.All("Contents").Select(entry => new OssListedObject(
                OssObjects.Decoded(listing, entry.Required("Key")),
                entry.Number("Size"),
                entry.Text("ETag")?.Trim('"'),
                entry.Time("LastModified"),
                entry.Text("StorageClass"))).ToList();
            var prefixes = listing.All("CommonPrefixes").Select(p => OssObjects.Decoded(listing, p.Required("Prefix"))).ToList();
            return new OssListPage(objects, prefixes, listing.Flag("IsTruncated") ? listing.Required("NextContinuationToken") : null);
        }, cancellationToken);
    }

    /// <summary>Every object under a prefix, page by page as they are asked for.</summary>
    public async IAsyncEnumerable<OssListedObject> ListAsync(
        string? prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = new OssListQuery { Prefix = prefix };
        while (true)
        {
            var page = await ListPageAsync(query, cancellationToken);
            foreach (var entry in page.Objects)
                yield return entry;

            if (page.NextContinuationToken is not { } next)
                yield break;

            if (next == query.ContinuationToken)
                throw new OssTransportException(OssTransportError.AnswerUnreadable, "A page of objects leads back to itself.");

            query = query with { ContinuationToken = next };
        }
    }
}
