using System.Buffers;
using System.Globalization;
using System.Xml.Linq;

namespace OssProxy.Core.Oss;

/// <summary>An answer whose headers have arrived; its body is read under the idle clock. Disposing it ends the exchange.</summary>
internal sealed class OssReply(HttpResponseMessage message, IdleClock clock) : IDisposable
{
    /// <summary>Enough for any error the service writes; what comes beyond is somebody else's page.</summary>
    private const int MaxErrorBytes = 64 * 1024;

    /// <summary>Far above any: a page of 1000 entries with the longest keys, every byte of them escaped, has little more than 3 MB.</summary>
    private const int MaxDocumentBytes = 16 * 1024 * 1024;

    private OssReplyBody? _body;

    public int Status => (int)message.StatusCode;

    public string? RequestId => Header("x-oss-request-id");

    /// <summary>CRC-64 of the object, of the whole even when a range is delivered.</summary>
    public ulong? Crc64 => OssXml.Crc(Header("x-oss-hash-crc64ecma"));

    /// <summary>Without its quotes.</summary>
    public string? ETag => Header("ETag")?.Trim('"');

    public long? ContentLength => message.Content.Headers.ContentLength;

    public string? Header(string name) =>
        message.Headers.TryGetValues(name, out var values) || message.Content.Headers.TryGetValues(name, out values)
            ? string.Join(',', values)
            : null;

    public IEnumerable<(string Name, string Value)> HeadersWith(string prefix) =>
        from header in message.Headers
        where header.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
        select (header.Key[prefix.Length..].ToLowerInvariant(), string.Join(',', header.Value));

    public DateTimeOffset? LastModified => message.Content.Headers.LastModified;

    /// <summary>The body as a stream that takes the exchange with it: it is over when the stream is disposed.</summary>
    public async ValueTask<OssReplyBody> OpenAsync()
    {
        _body = new OssReplyBody(message, await message.Content.ReadAsStreamAsync(clock.Token), clock);
        return _body;
    }

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
                && failure is (IOException or HttpRequestException or OperationCanceledException))
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

        message.Dispose();
        clock.Dispose();
    }

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
        var stream = await message.Content.ReadAsStreamAsync(clock.Token);
        var collected = new MemoryStream();
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            while (collected.Length <= limit)
            {
                clock.Start();
                var read = await stream.ReadAsync(buffer, clock.Token);
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
