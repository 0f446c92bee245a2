using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.Extensions.Logging;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Oss;

/// <summary>
/// Whole objects. Every operation throws <see cref="OssException"/> when the service refuses and <see cref="OssTransportException"/> when
/// it does not answer; what a body throws comes out unchanged.
/// </summary>
public sealed partial class OssObjects
{
    /// <summary>PutObject takes 5 GB (OSS limits).</summary>
    public const long MaxPutBytes = 5L * 1024 * 1024 * 1024;

    /// <summary>DeleteMultipleObjects takes 1000 keys (OSS API reference: DeleteMultipleObjects).</summary>
    public const int MaxDeleteKeys = 1000;

    // The service talks to no clock that is further from its own (OSS API reference: RequestTimeTooSkewed).
    private static readonly TimeSpan MaxSkew = TimeSpan.FromMinutes(15);

    private readonly OssTransport _transport;
    private readonly ILogger _log;

    internal OssObjects(OssTransport transport, ILogger log)
    {
        _transport = transport;
        _log = log;
    }

    /// <summary>PutObject. The body is read once from its position to its end, through 64 KiB; a seekable one is rewound and sent again
    /// when an attempt fails. Returns once the store's checksum has been compared with ours.</summary>
    /// <param name="length">Bytes in the body; null to send it chunked (docs/oss-assumptions.md A5), unless the body is seekable and
    /// tells.</param>
    /// <exception cref="BodyLengthException">The body is not as long as promised.</exception>
    public async Task<OssStored> PutAsync(
        ObjectKey key, Stream body, long? length, OssObjectSettings settings, CancellationToken cancellationToken)
    {
        var upload = new OssUpload(_transport.Buffers, body, length);
        var request = new OssRequest(HttpMethod.Put, _transport.Endpoint.Bucket, key.Value) { Upload = upload };
        Apply(request, settings);
        request.WithHeader("Content-MD5", settings.ContentMd5);
        var began = _transport.Clock.Now;
        try
        {
            return await _transport.SendAsync(request, reply => AcceptAsync(key, upload, reply), cancellationToken);
        }
        catch (OssException failure) when (request.OutcomeUnknown && upload.Whole is not null)
        {
            // An earlier attempt, whose answer was lost, may have stored the object.
            failure.MayBeStored = true;
            if (failure.Code == "FileAlreadyExists" && await FindOwnAsync(key, upload.Whole, failure, began) is { } own)
                return own;

            throw;
        }
        catch (OssTransportException failure) when (failure.NeverSent && request.OutcomeUnknown)
        {
            // The last attempt found no connection, but an earlier one may have been taken.
            throw new OssTransportException(failure.Error, failure.Message, failure);
        }
        catch (OssTransportException failure) when (failure.IsBroken)
        {
            if (await ExplainAsync(key, upload, settings.ForbidOverwrite, began, failure) is { } own)
                return own;

            throw;
        }
    }

    /// <summary>HeadObject; null when there is no such object.</summary>
    public async Task<OssObject?> HeadAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        try
        {
            return await _transport.SendAsync(
                _transport.Request(HttpMethod.Head, key.Value),
                reply => Task.FromResult(Describe(key, reply, reply.ContentLength)),
                cancellationToken);
        }
        catch (OssException failure) when (IsAbsent(failure))
        {
            return null;
        }
    }

    /// <summary>GetObject; null when there is no such object. A range is cut to the object's end, and refused with 416 <c>InvalidRange</c>
    /// beyond it: the service is told to follow the standard, which it does not do by itself (OSS API reference: GetObject;
    /// docs/oss-assumptions.md A7).</summary>
    public async Task<OssDownload?> GetAsync(ObjectKey key, ByteRange? range, CancellationToken cancellationToken)
    {
        var request = _transport.Request(HttpMethod.Get, key.Value).WithHeader("x-oss-range-behavior", "standard");
        if (range is { } wanted)
            request.WithHeader("Range", new RangeHeaderValue(wanted.From, wanted.To).ToString());

        try
        {
            return await _transport.SendAsync(request, async reply =>
            {
                var delivered = reply.Status == 206 && ContentRangeHeaderValue.TryParse(reply.Header("Content-Range"), out var parsed)
                    ? parsed
                    : null;
                if (!reply.TellsItsEnd)
                    throw new OssTransportException(OssTransportError.AnswerUnreadable, "The object came without its length.");
                if (reply.Status == 206 && delivered is not { From: not null, To: not null, Length: not null })
                    throw new OssTransportException(OssTransportError.AnswerUnreadable, "A part of the object came without saying which.");

                var source = Describe(key, reply, delivered is null ? reply.ContentLength : delivered.Length);
                var body = reply.Open();
                return new OssDownload(source, body, delivered is null ? null : new ByteRange(delivered.From!.Value, delivered.To));
            }, cancellationToken);
        }
        catch (OssException failure) when (failure is { Status: 404, Code: "NoSuchKey" })
        {
            return null;
        }
    }

    /// <summary>DeleteObject. Succeeds when there is none.</summary>
    public Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken) => DeleteAsync(key.Value, cancellationToken);

    /// <summary>The same for an object of a listing, whose key may be any.</summary>
    public Task DeleteAsync(string key, CancellationToken cancellationToken) =>
        _transport.SendAsync(_transport.Request(HttpMethod.Delete, key), DoneAsync, cancellationToken);

    /// <summary>DeleteMultipleObjects, as many requests as it takes.</summary>
    /// <returns>The keys that the service reports as gone, absent ones among them.</returns>
    public async Task<IReadOnlyList<string>> DeleteManyAsync(IEnumerable<ObjectKey> keys, CancellationToken cancellationToken)
    {
        var gone = new List<string>();
        foreach (var batch in keys.Chunk(MaxDeleteKeys))
        {
            var document = new XElement("Delete", new XElement("Quiet", "false"),
                batch.Select(k => new XElement("Object", new XElement("Key", k.Value))));
            var payload = Encoding.UTF8.GetBytes(document.ToString(SaveOptions.DisableFormatting));
            var request = new OssRequest(HttpMethod.Post, _transport.Endpoint.Bucket, null) { Payload = payload }
                .With("delete").With("encoding-type", "url")
                .WithHeader("Content-Type", "application/xml")
                .WithHeader("Content-MD5", Convert.ToBase64String(MD5.HashData(payload)));

            var result = await _transport.SendAsync(
                request, reply => reply.ReadXmlAsync("DeleteResult"), cancellationToken);
            gone.AddRange(result.All("Deleted").Select(d => Decoded(result, d.Required("Key"))));
        }

        return gone;
    }

    /// <summary>CopyObject within the bucket. Not repeated when it is unknown whether it was done.</summary>
    /// <param name="settings">What the copy is kept with; null to take the source's (the key may then still be overwritten).</param>
    /// <returns>When the copy was written, by the service's clock; null when it does not say.</returns>
    public Task<DateTimeOffset?> CopyAsync(ObjectKey source, ObjectKey target, OssObjectSettings? settings, CancellationToken cancellationToken)
    {
        var request = _transport.Request(HttpMethod.Put, target.Value, idempotent: false)
            .WithHeader("x-oss-copy-source", $"/{_transport.Endpoint.Bucket}/{OssEncoding.Path(source.Value)}")
            .WithHeader("x-oss-metadata-directive", settings is null ? "COPY" : "REPLACE");
        if (settings is not null)
            Apply(request, settings);

        return _transport.SendAsync(request, async reply => (await reply.ReadXmlAsync("CopyObjectResult")).Time("LastModified"), cancellationToken);
    }

    internal static void Apply(OssRequest request, OssObjectSettings settings)
    {
        request
            .WithHeader("Content-Type", settings.ContentType)
            .WithHeader("Content-Disposition", settings.ContentDisposition)
            .WithHeader("Cache-Control", settings.CacheControl)
            .WithHeader("x-oss-object-acl", settings.Acl)
            .WithHeader("x-oss-forbid-overwrite", settings.ForbidOverwrite ? "true" : null);
        foreach (var (name, value) in settings.Metadata)
            request.WithHeader("x-oss-meta-" + name, value);
    }

    internal static Task<bool> DoneAsync(OssReply reply) => Task.FromResult(true);

    internal static string Decoded(XElement listing, string text) =>
        listing.Text("EncodingType") == "url" ? OssEncoding.Decode(text) : text;

    /// <summary>The object under this key, if it is the one that was just sent; null otherwise. Asked aside, for when the answer was
    /// lost.</summary>
    /// <param name="refusal">Why it is asked for; told when the answer is that nothing of ours is there.</param>
    /// <param name="began">When the sending of it began, by the store's clock; null when its bytes have been compared already.</param>
    /// <exception cref="OssTransportException">It is ours and was harmed on the way; it has been removed.</exception>
    internal async Task<OssStored?> FindOwnAsync(
        ObjectKey key, (long Length, ulong Crc64)? sent, OssException refusal, DateTimeOffset? began = null)
    {
        if (sent is not { } whole)
            return null;

        OssObject? found;
        try
        {
            found = await PeekAsync(key);
        }
        catch (Exception failure) when (failure is OssException or OssTransportException)
        {
            return null;
        }

        if (found?.Crc64 == whole.Crc64 && found.Length == whole.Length)
            return new OssStored(found.ETag, whole.Crc64, whole.Length);
        if (IsHarmed(found, whole, began))
            throw await MismatchAsync(key, whole.Crc64, found!.Crc64!.Value);

        // Without a checksum it cannot be told whose it is.
        refusal.MayBeStored = found is { Crc64: null };
        return null;
    }

    /// <summary>
    /// The connection broke while a body was under way: the store may have refused before reading, its XML lost with the pipe (where the
    /// system drops what has come when it hears of a reset). One HEAD of the same key tells a refusal, which it throws, from an outage. It supposes that who may
    /// write an object may also read it (docs/oss-assumptions.md A4).
    /// </summary>
    /// <returns>The object under the key; null when there is none, or when the store does not answer now either.</returns>
    internal async Task<OssObject?> AskAsync(ObjectKey key)
    {
        try
        {
            return await PeekAsync(key);
        }
        catch (OssException failure) when (failure.Status is < 500 or 503)
        {
            throw;
        }
        catch (Exception failure) when (failure is OssException or OssTransportException)
        {
            return null;
        }
    }

    /// <summary>Removes an object whose bytes are wrong, under a deadline of its own: the caller's token may be dead.</summary>
    internal async Task<OssTransportException> MismatchAsync(ObjectKey key, ulong sent, ulong reported, bool repeatable = true)
    {
        var removed = true;
        try
        {
            await _transport.SendAsideAsync(_transport.Request(HttpMethod.Delete, key.Value), DoneAsync);
        }
        catch (Exception failure) when (failure is OssException or OssTransportException)
        {
            removed = false;
            LogNotRemoved(failure, key.Value);
        }

        return new OssTransportException(
            OssTransportError.ChecksumMismatch,
            $"Sent CRC-64 {sent}, stored {reported}; the object has {(removed ? "" : "not ")}been removed.")
        { Final = !removed || !repeatable };
    }

    private static OssObject Describe(ObjectKey key, OssReply reply, long? length) => new(
        key,
        length ?? throw new OssTransportException(OssTransportError.AnswerUnreadable, "The object came without its length."),
        reply.Header("Content-Type") ?? "application/octet-stream",
        reply.ETag,
        reply.Crc64,
        reply.LastModified,
        reply.HeadersWith("x-oss-meta-").ToDictionary(h => h.Name, h => h.Value, StringComparer.Ordinal))
    {
        ContentDisposition = reply.Header("Content-Disposition"),
        CacheControl = reply.Header("Cache-Control"),
        ContentEncoding = reply.Header("Content-Encoding"),
        Type = reply.Header("x-oss-object-type"),
        StorageClass = reply.Header("x-oss-storage-class"),
    };

    // Somebody else's object was there before we began, and is hardly ever as long as ours: what is as long and as new is what we sent, with
    // other bytes, and its answer, which would have told, was lost.
    private static bool IsHarmed(OssObject? found, (long Length, ulong Crc64) sent, DateTimeOffset? began) =>
        found?.Crc64 is not null && found.Length == sent.Length && found.LastModified >= began - MaxSkew;

    // A 404 to HEAD names its code in a header; one that names none is taken for the object's (docs/oss-assumptions.md A2).
    private static bool IsAbsent(OssException failure) => failure is { Status: 404, Code: "NoSuchKey" or "" };

    private async Task<OssStored> AcceptAsync(ObjectKey key, OssUpload upload, OssReply reply)
    {
        if (!upload.IsSent || upload.Whole is not { } sent)
            throw new OssTransportException(OssTransportError.AnswerUnreadable, "The store answered before it had the whole body.");
        if (_transport.ReportedBy(reply) is { } reported && reported != sent.Crc64)
            throw await MismatchAsync(key, sent.Crc64, reported);

        return new OssStored(reply.ETag, sent.Crc64, sent.Length);
    }

    private async Task<OssStored?> ExplainAsync(
        ObjectKey key, OssUpload upload, bool forbidOverwrite, DateTimeOffset began, OssTransportException failure)
    {
        OssObject? found;
        try
        {
            found = await AskAsync(key);
        }
        catch (OssException refusal)
        {
            // Who may write but not read is refused here too (docs/oss-assumptions.md A4), and the store had all that it needs.
            refusal.MayBeStored = upload.Whole is not null;
            throw;
        }

        if (found?.Crc64 is null || !forbidOverwrite)
            return null;
        if (upload.Whole is { } sent && found.Crc64 == sent.Crc64 && found.Length == sent.Length)
            return new OssStored(found.ETag, sent.Crc64, sent.Length);
        if (upload.Whole is { } harmed && IsHarmed(found, harmed, began))
            throw await MismatchAsync(key, harmed.Crc64, found.Crc64.Value);

        // An interrupted PUT leaves nothing (docs/oss-assumptions.md A3), so the key was taken before.
        throw new OssException(409, "FileAlreadyExists", "The key is taken; the store closed the connection before it said so.", failure);
    }

    private async Task<OssObject?> PeekAsync(ObjectKey key)
    {
        try
        {
            return await _transport.SendAsideAsync(
                _transport.Request(HttpMethod.Head, key.Value), reply => Task.FromResult(Describe(key, reply, reply.ContentLength)));
        }
        catch (OssException failure) when (IsAbsent(failure))
        {
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "OSS holds wrong bytes under {Key}, and they could not be removed")]
    private partial void LogNotRemoved(Exception failure, string key);
}
