using System.Buffers;
using System.IO.Pipelines;
using OssProxy.Emulator.Errors;

namespace OssProxy.Emulator.Http;

/// <summary>
/// The client's body, read piece by piece from Kestrel's own buffers. Tells a client that sent less than it
/// promised from one that left, and carries the faults that concern reading.
/// </summary>
internal sealed class RequestBody(HttpContext context, FaultRule? fault, TimeProvider time, TimeSpan idleTimeout)
{
    // Kestrel closes the connection by itself then, so no answer could arrive; a broken chunk on the other hand is answered.
    private const string UnexpectedEnd = "Unexpected end of request content.";

    public long BytesRead { get; private set; }

    /// <summary>Content-Length, null for a chunked body.</summary>
    public long? AnnouncedLength => context.Request.ContentLength;

    /// <summary>Neither Content-Length nor chunked: for PUT of an object that is 411.</summary>
    public bool IsUnframed => context.Request.ContentLength is null && context.Request.Headers.TransferEncoding.Count == 0;

    private PipeReader BodyReader => context.Request.BodyReader;

    private long Timestamp => time.GetTimestamp();

    private bool IsResetDue => fault is { Reset: FaultReset.DuringBody } && BytesRead >= fault.ResetAfterBytes;

    public async Task CopyToAsync(Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> write, long maximum, CancellationToken cancellationToken)
    {
        if (AnnouncedLength > maximum)
            throw OssErrors.EntityTooLarge(maximum);

        var reader = BodyReader;
        var startedAt = Timestamp;
        await using var idle = IdleTimer();
        while (true)
        {
            var result = await ReadAsync(reader, idle, cancellationToken);
            foreach (var piece in result.Buffer)
            {
                BytesRead += piece.Length;
                if (BytesRead > maximum)
                {
                    reader.AdvanceTo(result.Buffer.End);
                    throw OssErrors.EntityTooLarge(maximum);
                }

                await write(piece, cancellationToken);
            }

            reader.AdvanceTo(result.Buffer.End);
            await ThrottleAsync(startedAt, cancellationToken);

            // A body that came all at once has passed the moment of the reset as well.
            if (result.IsCompleted && !IsResetDue)
                return;
        }
    }

    /// <summary>A document such as the list of parts; larger than the maximum is refused.</summary>
    public async Task<byte[]> ReadDocumentAsync(int maximum, CancellationToken cancellationToken)
    {
        var bytes = new ArrayBufferWriter<byte>();
        await CopyToAsync(
            (piece, _) =>
            {
                bytes.Write(piece.Span);
                return default;
            },
            maximum,
            cancellationToken);
        return bytes.WrittenSpan.ToArray();
    }

    public Task DiscardAsync(CancellationToken cancellationToken) => CopyToAsync(static (_, _) => default, long.MaxValue, cancellationToken);

    /// <summary>The body for a parser that pulls, with the same faults and the same patience. Read once, dispose before the reply.</summary>
    public Stream OpenRead(long maximum) =>
        AnnouncedLength > maximum ? throw OssErrors.EntityTooLarge(maximum) : new Pulled(this, maximum);

    // Time spent on our own disk is not the client's idleness: the timer runs only while a read is pending.
    private ITimer IdleTimer() => time.CreateTimer(
        static state => ((PipeReader)state!).CancelPendingRead(), BodyReader, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    private async Task<ReadResult> ReadAsync(PipeReader reader, ITimer idle, CancellationToken cancellationToken)
    {
        if (IsResetDue)
        {
            Connection.Reset(context);
            throw new ClientGoneException();
        }

        try
        {
            idle.Change(idleTimeout, Timeout.InfiniteTimeSpan);
            var result = await reader.ReadAsync(cancellationToken);
            idle.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return result.IsCanceled ? throw OssErrors.RequestTimeout() : result;
        }
        catch (BadHttpRequestException failure) when (failure.Message != UnexpectedEnd && !context.RequestAborted.IsCancellationRequested)
        {
            throw OssErrors.IncompleteBody();
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException)
        {
            throw new ClientGoneException(failure);
        }
    }

    private async Task ThrottleAsync(long startedAt, CancellationToken cancellationToken)
    {
        if (fault?.BodyBytesPerSecond is not { } rate)
            return;

        var due = TimeSpan.FromSeconds((double)BytesRead / rate) - time.GetElapsedTime(startedAt);
        if (due > TimeSpan.Zero)
            await Task.Delay(due, time, cancellationToken);
    }

    private sealed class Pulled(RequestBody body, long maximum) : ReadOnlyStream
    {
        private readonly PipeReader _reader = body.BodyReader;
        private readonly ITimer _idle = body.IdleTimer();
        private readonly long _startedAt = body.Timestamp;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            while (true)
            {
                var result = await body.ReadAsync(_reader, _idle, cancellationToken);
                var piece = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, buffer.Length));
                var length = (int)piece.Length;
                piece.CopyTo(buffer.Span);
                _reader.AdvanceTo(piece.End);
                body.BytesRead += length;
                if (body.BytesRead > maximum)
                    throw OssErrors.EntityTooLarge(maximum);

                await body.ThrottleAsync(_startedAt, cancellationToken);

                // A body that came all at once has passed the moment of the reset as well.
                if (length > 0 || (result.IsCompleted && !body.IsResetDue))
                    return length;
            }
        }

        public override async ValueTask DisposeAsync()
        {
            await _idle.DisposeAsync();
            await base.DisposeAsync();
        }
    }
}
