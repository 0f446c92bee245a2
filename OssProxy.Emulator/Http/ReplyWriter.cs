using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using OssProxy.Emulator.Errors;

namespace OssProxy.Emulator.Http;

/// <summary>Puts a reply on the wire, bent by the fault that applies to it. One rented buffer per streamed object.</summary>
internal static class ReplyWriter
{
    // Larger than a socket buffer's usual grant, small enough for a hundred readers.
    private const int BufferBytes = 64 << 10;
    private const string CrcHeader = "x-oss-hash-crc64ecma";

    public static async Task WriteAsync(HttpContext context, OssReply reply, FaultRule? fault, CancellationToken cancellationToken)
    {
        var response = context.Response;
        response.StatusCode = reply.Status;
        foreach (var (name, value) in reply.Headers)
            response.Headers[name] = value;

        foreach (var (name, value) in fault?.ReplyHeaders ?? new Dictionary<string, string>())
            response.Headers[name] = value;

        if (fault?.WrongCrc == true && ulong.TryParse(response.Headers[CrcHeader], NumberStyles.None, CultureInfo.InvariantCulture, out var crc))
            response.Headers[CrcHeader] = (crc ^ 1).ToString(CultureInfo.InvariantCulture);

        if (reply.ClosesConnection)
            response.Headers.Connection = "close";

        if (context.Request.Method == "HEAD" || reply.Status is 204 or 304)
        {
            await response.StartAsync(cancellationToken);
            return;
        }

        if (reply is { Object: null, Relayed: null })
            response.ContentLength = reply.Document?.Length ?? 0;

        if (fault?.TruncateReplyAfterBytes is { } limit)
        {
            await WriteBodyAsync(response.Body, reply, limit, cancellationToken);
            await response.Body.FlushAsync(cancellationToken);
            Connection.Reset(context);
            throw new ClientGoneException();
        }

        try
        {
            await WriteBodyAsync(response.Body, reply, long.MaxValue, cancellationToken);
        }
        catch (Exception failure) when (reply.Relayed is not null && (failure is IOException or HttpRequestException or OperationCanceledException))
        {
            // Whoever answered has broken off, and so must we.
            cancellationToken.ThrowIfCancellationRequested();
            Connection.Reset(context);
            throw new ClientGoneException(failure);
        }
    }

    private static async Task WriteBodyAsync(Stream body, OssReply reply, long limit, CancellationToken cancellationToken)
    {
        if (reply.Relayed is { } relayed)
        {
            await CopyAsync(relayed.Body, body, limit, untilEnd: true, relayed.Patience);
        }
        else if (reply.Object is null)
        {
            var document = reply.Document ?? [];
            await body.WriteAsync(document.AsMemory(0, (int)Math.Min(document.Length, limit)), cancellationToken);
        }
        else if (reply.Gzip)
        {
            await using var gzip = new GZipStream(body, CompressionLevel.Fastest, leaveOpen: true);
            await CopyAsync(reply, gzip, Math.Min(reply.Length, limit), cancellationToken);
        }
        else
        {
            await CopyAsync(reply, body, Math.Min(reply.Length, limit), cancellationToken);
        }
    }

    private static Task CopyAsync(OssReply reply, Stream destination, long length, CancellationToken cancellationToken)
    {
        reply.Object!.Bytes.Position = reply.Offset;
        return CopyAsync(reply.Object.Bytes, destination, length, untilEnd: false, cancellationToken);
    }

    /// <param name="untilEnd">Whether the source may end before the length.</param>
    private static async Task CopyAsync(Stream source, Stream destination, long length, bool untilEnd, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (length > 0)
            {
                var read = await source.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, length)), cancellationToken);
                if (read == 0 && untilEnd)
                    return;
                if (read == 0)
                    throw new EndOfStreamException("The blob is shorter than its metadata says.");

                await destination.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                length -= read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
