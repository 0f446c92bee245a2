using OssProxy.Emulator.Errors;
using OssProxy.Emulator.Processing;
using OssProxy.Emulator.Storage;

namespace OssProxy.Emulator.Http;

/// <summary>
/// What an operation wants to say. Nothing is on the wire yet, so faults can still bend it. Disposing closes the
/// object it holds open.
/// </summary>
internal sealed class OssReply(int status) : IAsyncDisposable
{
    public int Status { get; } = status;

    public IHeaderDictionary Headers { get; } = new HeaderDictionary();

    /// <summary>A body that fits in memory: documents only.</summary>
    public byte[]? Document { get; private init; }

    /// <summary>An object to stream, with the slice of it.</summary>
    public OpenedObject? Object { get; init; }

    /// <summary>The answer of somebody else, to be passed on.</summary>
    public RelayedBody? Relayed { get; init; }

    public long Offset { get; init; }

    public long Length { get; init; }

    /// <summary>Compress on the fly: no Content-Length and no ETag then (GetObject, Accept-Encoding).</summary>
    public bool Gzip { get; init; }

    public string? ErrorCode { get; private init; }

    public bool ClosesConnection { get; private init; }

    public static OssReply Xml(XmlText xml, int status = 200) => new(status) { Document = xml.ToBytes(), Headers = { ContentType = "application/xml" } };

    public static OssReply Error(OssException error, string requestId, string hostId, bool head)
    {
        var document = ErrorXml.Write(error, requestId, hostId);
        var reply = new OssReply(error.Status) { Document = head ? null : document, ErrorCode = error.Code, ClosesConnection = error.ClosesConnection };
        if (error.ErrorCode is { } ec)
            reply.Headers["x-oss-ec"] = ec;

        if (head)
        {
            // A reply to HEAD has no body; the service puts the document into a header.
            reply.Headers["x-oss-err"] = Convert.ToBase64String(document);
        }
        else
        {
            reply.Headers.ContentType = "application/xml";
        }

        return reply;
    }

    public static OssReply Plain(int status, byte[]? body, string? contentType, string? errorCode)
    {
        var reply = new OssReply(status) { Document = body, ErrorCode = errorCode };
        if (contentType is not null)
            reply.Headers.ContentType = contentType;

        return reply;
    }

    public ValueTask DisposeAsync() => Object?.DisposeAsync() ?? Relayed?.DisposeAsync() ?? default;
}
