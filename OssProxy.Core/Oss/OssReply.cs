using System.Buffers;
using System.Globalization;
using System.Xml.Linq;
using OssProxy.Core.Http;

namespace OssProxy.Core.Oss;

/// <summary>An answer whose headers have arrived; its body is read under the idle clock. Disposing it ends the exchange.</summary>
internal sealed class OssReply(Exchange exchange, ResponseHead head, IdleClock clock) : IDisposable
{
    /// <summary>Enough for any error the service writes; what comes beyond is somebody else's page.</summary>
    private const int MaxErrorBytes = 64 * 1024;

    /// <summary>Far above any: a page of 1000 entries with the longest keys, every byte of them escaped, has little more than 3 MB.</summary>
    private const int MaxDocumentBytes = 16 * 1024 * 1024;

    private OssReplyBody? _body;

    public int Status => head.Status;

    public bool IsSuccess => Status is >= 200 and < 300;

    public string? RequestId => Header("x-oss-request-id");

    /// <summary>CRC-64 of the object, of the whole even when a range is delivered.</summary>
    public ulong? Crc64 => OssXml.Crc(Header("x-oss-hash-crc64ecma"));

    /// <summary>Without its quotes.</summary>
    public string? ETag => Header("ETag")?.Trim('"');

    public long? ContentLength => head.ContentLength;

    /// <summary>Whether a body that was cut off would be told from a whole one.</summary>
    public bool TellsItsEnd => head.IsChunked || head.ContentLength is not null;

    /// <summary>The store's clock; null when not told, or not in a form that can be read.</summary>
    public DateTimeOffset? Date => TimeIn("Date");

    public DateTimeOffset? LastModified => TimeIn("Last-Modified");

    public string? Header(string name) => head.Find(name);

    public IEnumerable<(string Name, string Value)> HeadersWith(string prefix) =>
        from name in head.NamesWith(prefix)
        select (name[prefix.Length..].ToLowerInvariant(), head.Find(name)!);

    /// <summary>The body as a stream that takes the exchange with it: it is over when the stream is disposed.</summary>
    public OssReplyBody Open() => _body = new OssReplyBody(exchange, clock);

    /// <summary>The whole body, a document with this root element.</summary>
    /// <exception cref="OssTransportException">It is another one, none at all, or longer than any that OSS writes.</exception>
    public async Task<XElement> ReadXmlAsync(string root)
    {
        var (bytes, complete) = await ReadUpToAsync(MaxDocumentBytes);
        return complete
            ? OssXml.Parse(bytes, root)
            : throw new OssTransportException(OssTransportError.AnswerUnreadable,
                string.Create(CultureInfo.InvariantCulture, $"The answer is longer than {MaxDocumentBytes} bytes."));
    }

    /// <summary>What the answer says went wrong. Always an exception with the status, however broken the body is.</summary>
    public async Task<OssException> ReadErrorAsync(CancellationToken caller)
    {
        var xml = FromHeader();
        if (xml is null)
        {
            try
            {
                xml = OssXml.TryParse((await ReadUpToAsync(MaxErrorBytes)).Bytes, "Error");
            }
            catch (Exception failure) when (!caller.IsCancellationRequested
                && failure is IOException)
            {
                // The status is known; a body that never arrives must not hide it.
            }
        }

        var ec = xml?.Text("EC") ?? Header("x-oss-ec");
        return new OssException(Status, xml?.Text("Code") ?? CodeOf(ec), xml?.Text("Message"))
        {
            EC = ec,
            RequestId = xml?.Text("RequestId") ?? RequestId,
            HostId = xml?.Text("HostId"),
            Endpoint = xml?.Text("Endpoint"),
            ServerTime = xml?.Time("ServerTime"),
        };
    }

    public void Dispose()
    {
        // Once opened, the stream owns the exchange.
        if (_body is not null)
            return;

        exchange.Dispose();
        clock.Dispose();
    }

    private DateTimeOffset? TimeIn(string name) =>
        DateTimeOffset.TryParseExact(Header(name), "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    /// <summary>An answer to HEAD has no body: its XML comes in a header, Base64.</summary>
    private XElement? FromHeader()
    {
        if (Header("x-oss-err") is not { } encoded)
            return null;

        var bytes = new byte[encoded.Length];
        return Convert.TryFromBase64String(encoded, bytes, out var length) ? OssXml.TryParse(bytes[..length], "Error") : null;
    }

    /// <summary>The two codes that logic depends on, for an answer to HEAD that names only its EC.</summary>
    private static string CodeOf(string? ec) => ec switch
    {
        "0015-00000101" => "NoSuchBucket",
        "0026-00000001" => "NoSuchKey",
        _ => "",
    };

    private async Task<(byte[] Bytes, bool Complete)> ReadUpToAsync(int limit)
    {
        var collected = new MemoryStream();
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            while (collected.Length <= limit)
            {
                clock.Start();
                var read = await exchange.ReadAsync(buffer);
                if (read == 0)
                    return (collected.ToArray(), true);

                collected.Write(buffer, 0, read);
            }

            return (collected.ToArray()[..limit], false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
