using System.Globalization;
using OssProxy.Emulator.Errors;
using OssProxy.Emulator.Http;
using OssProxy.Emulator.Storage;

namespace OssProxy.Emulator.Operations;

/// <summary>GetObject, HeadObject, GetObjectMeta.</summary>
internal sealed class ObjectReads(BucketStore store)
{
    private const long MinimumGzipBytes = 1024;

    // The types that are compressed on the fly (GetObject reference, Accept-Encoding).
    private static readonly HashSet<string> GzipTypes = new(StringComparer.OrdinalIgnoreCase)
    {
        "text/cache-manifest", "text/xml", "text/plain", "text/css", "application/javascript", "application/x-javascript",
        "application/rss+xml", "application/json", "text/json",
    };

    private static readonly Dictionary<string, string> Overrides = new(StringComparer.Ordinal)
    {
        ["response-content-type"] = "Content-Type",
        ["response-content-language"] = "Content-Language",
        ["response-expires"] = "Expires",
        ["response-cache-control"] = "Cache-Control",
        ["response-content-disposition"] = "Content-Disposition",
        ["response-content-encoding"] = "Content-Encoding",
    };

    public async Task<OssReply> GetAsync(OssRequest request)
    {
        var opened = store.Get(request.Bucket).Open(request.Key) ?? throw OssErrors.NoSuchKey(request.Key);
        try
        {
            var stored = opened.Object;
            if (ReadConditions.IsNotModified(request, stored))
            {
                await opened.DisposeAsync();
                return NotModified(stored);
            }

            var range = ByteRange.Of(request, stored.Length);
            var gzip = !request.IsHead && !range.IsPartial && WantsGzip(request, stored);
            var reply = new OssReply(range.IsPartial ? 206 : 200) { Object = opened, Offset = range.Offset, Length = range.Length, Gzip = gzip };
            Describe(request, stored, range, reply);
            return reply;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    public OssReply Meta(OssRequest request)
    {
        var stored = store.Get(request.Bucket).Find(request.Key) ?? throw OssErrors.NoSuchKey(request.Key);
        return new(200)
        {
            Headers =
            {
                ETag = BodyChecks.Quoted(stored.ETag),
                LastModified = HttpDate(stored.LastModified),
                ContentLength = stored.Length,
                ["x-oss-hash-crc64ecma"] = BodyChecks.Crc(stored.Crc64),
                ["x-oss-storage-class"] = stored.Attributes.StorageClass,
            },
        };
    }

    public static string HttpDate(DateTimeOffset value) => value.ToString("r", CultureInfo.InvariantCulture);

    private static OssReply NotModified(StoredObject stored) => new(304)
    {
        Headers = { ETag = BodyChecks.Quoted(stored.ETag), LastModified = HttpDate(stored.LastModified) },
    };

    private static void Describe(OssRequest request, StoredObject stored, ByteRange range, OssReply reply)
    {
        AttributeHeaders.Write(stored, reply);
        reply.Headers.LastModified = HttpDate(stored.LastModified);
        reply.Headers.AcceptRanges = "bytes";
        reply.Headers["x-oss-object-type"] = stored.Type;
        reply.Headers["x-oss-storage-class"] = stored.Attributes.StorageClass;

        // Of the whole object, also beside a slice of it.
        reply.Headers["x-oss-hash-crc64ecma"] = BodyChecks.Crc(stored.Crc64);
        if (stored.ContentMd5 is { } md5)
            reply.Headers.ContentMD5 = md5;

        if (range.IsPartial)
            reply.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {range.Offset}-{range.Offset + range.Length - 1}/{stored.Length}");

        if (reply.Gzip)
        {
            reply.Headers.ContentEncoding = "gzip";
            reply.Headers.Vary = "Accept-Encoding";
        }
        else
        {
            reply.Headers.ETag = BodyChecks.Quoted(stored.ETag);
            reply.Headers.ContentLength = range.Length;
        }

        foreach (var (parameter, header) in Overrides)
        {
            if (!request.Query.TryGet(parameter, out var value))
                continue;

            if (request.Signature == SignatureForm.None)
            {
                // Otherwise anyone could serve a page from the owner's domain.
                throw OssErrors.InvalidRequest("Anonymous users cannot override response headers.").With("ArgumentName", parameter);
            }

            reply.Headers[header] = value;
        }
    }

    private static bool WantsGzip(OssRequest request, StoredObject stored) =>
        stored.Length >= MinimumGzipBytes
        && !stored.Attributes.Headers.ContainsKey("Content-Encoding")
        && GzipTypes.Contains(stored.Attributes.Headers["Content-Type"].Split(';')[0].Trim())
        && request.Header("Accept-Encoding")?.Contains("gzip", StringComparison.OrdinalIgnoreCase) == true;
}
