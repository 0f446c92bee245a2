using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Xml.Linq;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Oss;

/// <summary>An upload in parts that has begun; the service bills its parts until it is completed or aborted.</summary>
public sealed record OssPartUpload(ObjectKey Key, string UploadId);

/// <summary>A part that the store has acknowledged.</summary>
/// <param name="Number">1–10000.</param>
/// <param name="ETag">Without quotes.</param>
/// <param name="Length">Bytes; at least 100 KiB except in the last part.</param>
/// <param name="Crc64">Its checksum; null when a listing does not tell.</param>
public sealed record OssPart(int Number, string ETag, long Length, ulong? Crc64)
{
    /// <summary>Whether an earlier attempt ended without an answer, so that the store may still be at work on it.</summary>
    internal bool InDoubt { get; init; }
}

/// <summary>An unfinished upload of a listing. Its key may be one that <see cref="ObjectKey"/> refuses.</summary>
public sealed record OssPendingUpload(string Key, string UploadId, DateTimeOffset? Initiated);

/// <summary>Uploads in parts. Throws as <see cref="OssObjects"/> does.</summary>
public sealed class OssMultipart
{
    /// <summary>Part numbers run from 1 to this.</summary>
    public const int MaxParts = 10_000;

    /// <summary>The least bytes of a part other than the last, checked by the service only on completion (EC 0042-00000213).</summary>
    public const int MinPartBytes = 100 * 1024;

    private const int AbortTurns = 3;

    private readonly OssTransport _transport;
    private readonly OssObjects _objects;

    internal OssMultipart(OssTransport transport, OssObjects objects)
    {
        _transport = transport;
        _objects = objects;
    }

    /// <summary>InitiateMultipartUpload. Each call makes a new upload, so it is repeated only when the store surely made none.</summary>
    public Task<OssPartUpload> InitiateAsync(ObjectKey key, OssObjectSettings settings, CancellationToken cancellationToken)
    {
        var request = _transport.Request(HttpMethod.Post, key.Value, idempotent: false).With("uploads");
        OssObjects.Apply(request, settings);
        return _transport.SendAsync(request, async reply =>
        {
            var result = await reply.ReadXmlAsync("InitiateMultipartUploadResult");
            return new OssPartUpload(key, result.Required("UploadId"));
        }, cancellationToken);
    }

    /// <summary>UploadPart; the same number again replaces the part. A checksum that differs is an error and the part is sent again if it
    /// can be.</summary>
    public async Task<OssPart> UploadPartAsync(
        OssPartUpload upload, int number, Stream body, long? length, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(number, MaxParts);

        var source = new OssUpload(_transport.Buffers, body, length);
        var request = new OssRequest(HttpMethod.Put, _transport.Endpoint.Bucket, upload.Key.Value) { Upload = source }
            .With("partNumber", number.ToString(CultureInfo.InvariantCulture)).With("uploadId", upload.UploadId);
        try
        {
            var part = await _transport.SendAsync(request, reply => AcceptPartAsync(number, source, reply), cancellationToken);
            return part with { InDoubt = request.OutcomeUnknown };
        }
        catch (OssTransportException failure) when (failure.IsBroken)
        {
            await _objects.AskAsync(upload.Key);
            throw;
        }
    }

    /// <summary>CompleteMultipartUpload. When an answer is lost the upload may be gone because it succeeded: the object is then looked at
    /// and compared with the parts.</summary>
    /// <param name="parts">In ascending order of their numbers, at least one.</param>
    public async Task<OssStored> CompleteAsync(
        OssPartUpload upload, IReadOnlyList<OssPart> parts, bool forbidOverwrite, CancellationToken cancellationToken)
    {
        var whole = Fold(parts);
        var document = new XElement("CompleteMultipartUpload", parts.Select(p => new XElement("Part",
            new XElement("PartNumber", p.Number), new XElement("ETag", $"\"{p.ETag}\""))));
        var request = new OssRequest(HttpMethod.Post, _transport.Endpoint.Bucket, upload.Key.Value)
        {
            Payload = Encoding.UTF8.GetBytes(document.ToString(SaveOptions.DisableFormatting)),
            IdleTimeout = _transport.CompleteTimeout,
        };
        request.With("uploadId", upload.UploadId)
            .WithHeader("Content-Type", "application/xml")
            .WithHeader("x-oss-forbid-overwrite", forbidOverwrite ? "true" : null);

        try
        {
            return await _transport.SendAsync(request, reply => AcceptAsync(upload.Key, parts, whole, reply), cancellationToken);
        }
        catch (OssException failure) when (request.OutcomeUnknown)
        {
            // An earlier attempt, whose answer was lost, may have completed it. (docs/oss-assumptions.md A8)
            failure.MayBeStored = true;
            if (failure.Code is "NoSuchUpload" or "FileAlreadyExists" && await _objects.FindOwnAsync(upload.Key, whole, failure) is { } own)
                return own;

            throw;
        }
        catch (OssTransportException failure) when (failure.NeverSent && request.OutcomeUnknown)
        {
            throw new OssTransportException(failure.Error, failure.Message, failure);
        }
        catch (OssTransportException failure) when (failure.IsBroken)
        {
            if (await FindCompletedAsync(upload.Key, whole) is { } own)
                return own;

            throw;
        }
    }

    /// <summary>AbortMultipartUpload. Succeeds when there is no such upload. Parts still under way may survive the first call (OSS API
    /// reference: AbortMultipartUpload): abort after they have ended.</summary>
    public Task AbortAsync(OssPartUpload upload, CancellationToken cancellationToken) =>
        AbortAsync(upload.Key.Value, upload.UploadId, cancellationToken);

    /// <summary>The same for an upload of a listing, whose key may be any.</summary>
    public async Task AbortAsync(string key, string uploadId, CancellationToken cancellationToken)
    {
        try
        {
            await _transport.SendAsync(
                _transport.Request(HttpMethod.Delete, key).With("uploadId", uploadId),
                OssObjects.DoneAsync,
                cancellationToken);
        }
        catch (OssException failure) when (failure.Code == "NoSuchUpload")
        {
            // Aborted or completed before: there is nothing left to bill.
        }
    }

    /// <summary>Aborts aside from the caller's errand, and asks again where a part that ended without an answer may have survived the first
    /// time.</summary>
    /// <returns>Whether surely nothing is left.</returns>
    internal async Task<bool> AbortAsideAsync(OssPartUpload upload, bool partsInDoubt)
    {
        for (var turn = 1; turn <= AbortTurns; turn++)
        {
            try
            {
                await _transport.SendAsideAsync(
                    _transport.Request(HttpMethod.Delete, upload.Key.Value).With("uploadId", upload.UploadId), OssObjects.DoneAsync);
                if (!partsInDoubt)
                    return true;
            }
            catch (OssException failure) when (failure.Code == "NoSuchUpload")
            {
                return true;
            }
            catch (OssTransportException failure) when (failure.Error == OssTransportError.TimedOut || failure.NeverSent)
            {
                // The caller has waited long enough, or the store is away: this is left to the settlement.
                return false;
            }
            catch (Exception failure) when (failure is OssException or OssTransportException)
            {
                // A stale connection, a moment's throttling: quickly said, quickly tried again.
            }
        }

        return false;
    }

    /// <summary>Aborts every unfinished upload of exactly this key.</summary>
    public async Task AbortAllAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        await foreach (var upload in ListUploadsAsync(key.Value, cancellationToken))
        {
            // In the order of keys, so those that merely begin with it come after it.
            if (upload.Key != key.Value)
                return;

            await AbortAsync(new OssPartUpload(key, upload.UploadId), cancellationToken);
        }
    }

    /// <summary>ListParts, in order of their numbers, page by page.</summary>
    public async IAsyncEnumerable<OssPart> ListPartsAsync(
        OssPartUpload upload, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? marker = null;
        do
        {
            var request = _transport.Request(HttpMethod.Get, upload.Key.Value).With("uploadId", upload.UploadId).With("max-parts", "1000");
            if (marker is not null)
                request.With("part-number-marker", marker);

            var (parts, next) = await _transport.SendAsync(request, async reply =>
            {
                var listing = await reply.ReadXmlAsync("ListPartsResult");
                var page = listing.All("Part").Select(p => new OssPart(
                    (int)p.Number("PartNumber"),
                    p.Required("ETag").Trim('"'),
                    p.Number("Size"),
                    OssXml.Crc(p.Text("HashCrc64ecma")))).ToList();
                return (page, listing.Flag("IsTruncated") ? listing.Required("NextPartNumberMarker") : null);
            }, cancellationToken);

            foreach (var part in parts)
                yield return part;

            marker = next;
        }
        while (marker is not null);
    }

    /// <summary>ListMultipartUploads: what has begun and was neither completed nor aborted, page by page.</summary>
    public async IAsyncEnumerable<OssPendingUpload> ListUploadsAsync(
        string? prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        (string Key, string UploadId)? marker = null;
        do
        {
            var request = _transport.Request(HttpMethod.Get).With("uploads").With("encoding-type", "url").With("max-uploads", "1000");
            if (!string.IsNullOrEmpty(prefix))
                request.With("prefix", prefix);
            if (marker is { } from)
                request.With("key-marker", from.Key).With("upload-id-marker", from.UploadId);

            var (uploads, next) = await _transport.SendAsync(request, async reply =>
            {
                var listing = await reply.ReadXmlAsync("ListMultipartUploadsResult");
                var page = listing.All("Upload").Select(u => new OssPendingUpload(
                    OssObjects.Decoded(listing, u.Required("Key")), u.Required("UploadId"), u.Time("Initiated"))).ToList();
                (string, string)? following = listing.Flag("IsTruncated")
                    ? (OssObjects.Decoded(listing, listing.Required("NextKeyMarker")), listing.Required("NextUploadIdMarker"))
                    : null;
                return (page, following);
            }, cancellationToken);

            foreach (var upload in uploads)
                yield return upload;

            if (next is not null && next == marker)
                throw new OssTransportException(OssTransportError.AnswerUnreadable, "A page of uploads leads back to itself.");

            marker = next;
        }
        while (marker is not null);
    }

    // No answer came to the completion: it may have been done all the same.
    private async Task<OssStored?> FindCompletedAsync(ObjectKey key, (long Length, ulong Crc64)? sent)
    {
        try
        {
            return await _objects.AskAsync(key) is { } found && sent is { } whole && (found.Length, found.Crc64) == (whole.Length, whole.Crc64)
                ? new OssStored(found.ETag, whole.Crc64, whole.Length)
                : null;
        }
        catch (OssException refusal)
        {
            refusal.MayBeStored = true;
            throw;
        }
    }

    private Task<OssPart> AcceptPartAsync(int number, OssUpload source, OssReply reply)
    {
        if (reply.ETag is not { } tag || !source.IsSent || source.Whole is not { } sent)
            throw new OssTransportException(OssTransportError.AnswerUnreadable, "A part was answered without its tag, or before its end.");
        if (_transport.ReportedBy(reply) is { } reported && reported != sent.Crc64)
            throw new OssTransportException(OssTransportError.ChecksumMismatch, $"Sent CRC-64 {sent.Crc64}, stored {reported}.");

        return Task.FromResult(new OssPart(number, tag, sent.Length, sent.Crc64));
    }

    /// <summary>Length and checksum of the parts in their order; null when a checksum is not known.</summary>
    private static (long Length, ulong Crc64)? Fold(IReadOnlyList<OssPart> parts)
    {
        (long Length, ulong Crc64)? whole = (0, 0);
        foreach (var part in parts)
        {
            whole = whole is { } before && part.Crc64 is { } crc
                ? (before.Length + part.Length, Crc64.Combine(before.Crc64, crc, part.Length))
                : null;
        }

        return whole;
    }

    private async Task<OssStored> AcceptAsync(
        ObjectKey key, IReadOnlyList<OssPart> parts, (long Length, ulong Crc64)? whole, OssReply reply)
    {
        var reported = _transport.ReportedBy(reply);
        if (whole is { } sent && reported is { } stored && stored != sent.Crc64)
            throw await _objects.MismatchAsync(key, sent.Crc64, stored, repeatable: false);

        return new OssStored(reply.ETag, reported ?? whole?.Crc64, parts.Sum(p => p.Length));
    }
}
