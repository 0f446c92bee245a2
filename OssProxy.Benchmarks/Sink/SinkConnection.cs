using System.Globalization;
using System.Net.Sockets;
using System.Text;
using OssProxy.Core.Oss;

namespace OssProxy.Benchmarks.Sink;

/// <summary>One client, request after request. The sink stands on the socket itself: behind a web server it would receive 4 KiB at a time
/// and take more of the machine than what is measured.</summary>
internal sealed class SinkConnection(Socket socket, SinkBucket bucket, TimeProvider time)
{
    private const int BufferBytes = 256 * 1024;
    private const int MaxHeadBytes = 64 * 1024;

    private readonly byte[] _buffer = new byte[BufferBytes];
    private int _start;
    private int _end;

    /// <summary>Serves until the client leaves. Who says what is no HTTP is left.</summary>
    public async Task ServeAsync(CancellationToken cancellationToken)
    {
        using (socket)
        {
            try
            {
                while (await ReadToAsync("\r\n\r\n"u8.ToArray(), cancellationToken) is { } head)
                {
                    var request = SinkRequest.Parse(head);
                    if (request.ExpectsContinue)
                        await SendAsync("HTTP/1.1 100 Continue\r\n\r\n", cancellationToken);

                    var body = await SinkAsync(request.Length, cancellationToken);
                    await SendAsync(Answer(request, body), cancellationToken);
                    if (request.Closes)
                        return;
                }
            }
            catch (Exception failure) when (failure is SocketException or IOException or FormatException or OperationCanceledException)
            {
                // Whoever sent it is left; who measures counts the objects.
            }
        }
    }

    private string Answer(SinkRequest request, Sunk body)
    {
        var (method, path, query) = (request.Method, request.Path, request.Query);
        var uploadId = query.GetValueOrDefault("uploadId");
        switch (method)
        {
            case "GET" when path == OssSink.TakenPath:
                var (objects, bytes) = bucket.Taken;
                return Reply(200, text: string.Create(CultureInfo.InvariantCulture, $"{objects} {bytes}\n"));

            case "PUT" when uploadId is not null:
                return bucket.PutPart(uploadId, int.Parse(query["partNumber"], CultureInfo.InvariantCulture), body)
                    ? Reply(200, body)
                    : Refusal(404, "NoSuchUpload");

            case "PUT":
                return bucket.Put(path, body, request.ForbidsOverwrite) ? Reply(200, body) : Refusal(409, "FileAlreadyExists");

            case "POST" when query.ContainsKey("uploads"):
                return Reply(200, text: $"<InitiateMultipartUploadResult><UploadId>{bucket.Initiate()}</UploadId></InitiateMultipartUploadResult>");

            case "POST" when uploadId is not null:
                if (request.ForbidsOverwrite && bucket.Find(path) is not null)
                    return Refusal(409, "FileAlreadyExists");
                if (bucket.Complete(uploadId) is not { } whole)
                    return Refusal(404, "NoSuchUpload");

                bucket.Put(path, whole, forbidOverwrite: false);
                return Reply(200, whole, $"<CompleteMultipartUploadResult><ETag>{whole.ETag}</ETag></CompleteMultipartUploadResult>");

            case "DELETE" when uploadId is not null:
                return bucket.Abort(uploadId) ? Reply(204) : Refusal(404, "NoSuchUpload");

            case "DELETE":
                bucket.Delete(path);
                return Reply(204);

            case "HEAD":
                return bucket.Find(path) is { } found ? Reply(200, found, length: found.Length) : Reply(404);

            default:
                return Refusal(404, "NoSuchKey");
        }
    }

    private string Refusal(int status, string code) =>
        Reply(status, text: $"<Error><Code>{code}</Code><Message>The sink keeps nothing.</Message></Error>");

    private string Reply(int status, Sunk? stored = null, string text = "", long? length = null)
    {
        var of = stored is null
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $"ETag: {stored.ETag}\r\nx-oss-hash-crc64ecma: {stored.Crc64}\r\n");
        return string.Create(CultureInfo.InvariantCulture, $"""
            HTTP/1.1 {status} Answer
            Server: AliyunOSS
            Date: {time.GetUtcNow():R}
            x-oss-request-id: 5EEDBE9C000000000000BE9C
            {of}Content-Length: {length ?? text.Length}


            """).ReplaceLineEndings("\r\n") + text;
    }

    private async Task<Sunk> SinkAsync(long? length, CancellationToken cancellationToken)
    {
        var crc = new Crc64();
        if (length is { } known)
        {
            await TakeAsync(known, crc, cancellationToken);
            return new Sunk(known, crc.Value);
        }

        var total = 0L;
        while (true)
        {
            var line = await ReadLineAsync(cancellationToken);
            var chunk = long.Parse(line.Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (chunk == 0)
                break;

            await TakeAsync(chunk, crc, cancellationToken);
            await ReadLineAsync(cancellationToken);
            total += chunk;
        }

        while (await ReadLineAsync(cancellationToken) is { Length: > 0 })
        {
            // Trailers say nothing here.
        }

        return new Sunk(total, crc.Value);
    }

    private async Task TakeAsync(long count, Crc64 crc, CancellationToken cancellationToken)
    {
        while (count > 0)
        {
            if (_start == _end && !await ReceiveAsync(cancellationToken))
                throw new EndOfStreamException();

            var here = (int)Math.Min(count, _end - _start);
            crc.Append(_buffer.AsSpan(_start, here));
            _start += here;
            count -= here;
        }
    }

    private async Task<string> ReadLineAsync(CancellationToken cancellationToken) =>
        await ReadToAsync("\r\n"u8.ToArray(), cancellationToken) ?? throw new EndOfStreamException();

    /// <summary>What stands before the mark, which is skipped; null when the client has left before the first byte.</summary>
    private async Task<string?> ReadToAsync(byte[] mark, CancellationToken cancellationToken)
    {
        while (true)
        {
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf(mark);
            if (length >= 0)
            {
                var text = Encoding.Latin1.GetString(_buffer, _start, length);
                _start += length + mark.Length;
                return text;
            }

            if (_end - _start > MaxHeadBytes)
                throw new FormatException("No end of the head in sight.");
            if (!await ReceiveAsync(cancellationToken))
                return _start == _end ? null : throw new EndOfStreamException();
        }
    }

    /// <summary>More bytes behind those that are left; false when none will come.</summary>
    private async ValueTask<bool> ReceiveAsync(CancellationToken cancellationToken)
    {
        // Little is left when this is called: a head, a line, or nothing.
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);

        var received = await socket.ReceiveAsync(_buffer.AsMemory(_end), cancellationToken);
        _end += received;
        return received > 0;
    }

    private async Task SendAsync(string text, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> bytes = Encoding.Latin1.GetBytes(text);
        while (bytes.Length > 0)
            bytes = bytes[await socket.SendAsync(bytes, cancellationToken)..];
    }
}
