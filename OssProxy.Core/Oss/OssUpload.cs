using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using OssProxy.Core.Http;
using OssProxy.Core.Streams;

namespace OssProxy.Core.Oss;

/// <summary>
/// A body on its way to the store, over as many attempts as it can be sent. Bytes that arrive are copied through one block of the process's
/// budget, which is held only while there is something in it; those that lie in memory are sent from there. They are counted and hashed while
/// they pass, and a failure is remembered by its side: what reading the body throws comes out of the transport as the same instance. The
/// body is not disposed.
/// </summary>
internal sealed class OssUpload
{
    private readonly BufferBudget _buffers;
    private readonly Stream _body;
    private readonly long _origin;
    private Crc64 _crc = new();
    private long _count;
    private bool _started;

    /// <param name="buffers">Where the block comes from.</param>
    /// <param name="body">Read from its present position.</param>
    /// <param name="length">Bytes that it holds from there; null when unknown.</param>
    public OssUpload(BufferBudget buffers, Stream body, long? length)
    {
        _buffers = buffers;
        _body = body;
        _origin = body.CanSeek ? body.Position : 0;
        if (body is HeldStream && length is { } promised && promised != body.Length - _origin)
            throw new ArgumentException("The length is not that of the body.", nameof(length));
        Length = length ?? (body.CanSeek ? body.Length - body.Position : null);
    }

    /// <summary>Bytes promised; null for a chunked body.</summary>
    public long? Length { get; }

    /// <summary>Length and checksum of the body, once any attempt has handed all of it to its connection; null before.</summary>
    public (long Length, ulong Crc64)? Whole { get; private set; }

    /// <summary>Whether the present attempt has handed all of it to its connection.</summary>
    public bool IsSent { get; private set; }

    /// <summary>What reading the body threw.</summary>
    public ExceptionDispatchInfo? Failure { get; private set; }

    /// <summary>Whether the body can be sent from its beginning: it has not been touched, or it can be rewound.</summary>
    public bool CanSend => Failure is null && (!_started || _body.CanSeek);

    /// <summary>Sends the body in one attempt, as far as the far end wants it.</summary>
    public async Task SendAsync(Exchange exchange, IdleClock clock)
    {
        if (_started)
        {
            _body.Position = _origin;
            _crc = new Crc64();
            _count = 0;
        }

        (_started, IsSent) = (true, false);
        if (_body is HeldStream held)
            await SendHeldAsync(held, exchange, clock);
        else
            await SendFlowingAsync(exchange, clock);
        clock.Start();
    }

    private async Task SendFlowingAsync(Exchange exchange, IdleClock clock)
    {
        using var answered = CancellationTokenSource.CreateLinkedTokenSource(clock.Token);
        var listens = false;
        try
        {
            while (exchange.WantsMore && !await SendNextAsync(exchange, clock, answered.Token))
            {
                // A store that refuses or goes is noticed while the client is waited for, however long that takes.
                if (!listens)
                    _ = CancelWhenAnsweredAsync(exchange, answered);
                listens = true;
            }
        }
        catch (OperationCanceledException) when (answered.IsCancellationRequested && !clock.Token.IsCancellationRequested)
        {
            // The answer tells why.
        }
    }

    // True when that was the end.
    private async Task<bool> SendNextAsync(Exchange exchange, IdleClock clock, CancellationToken cancellationToken)
    {
        // Here the client is waited for, and then room: a phone in a tunnel must not look like a store that hangs, nor may a full house.
        clock.Stop();
        if (!_body.CanSeek)
            await WaitAsync(cancellationToken);
        using var block = await _buffers.RentAsync(cancellationToken);
        var read = await ReadAsync(block.Memory, cancellationToken);

        // The clock goes on while the bytes are handed over, and anew with each piece.
        clock.Start();
        if (read > 0)
            await exchange.SendAsync(block.Memory[..read]);
        if (read > 0 && _count != Length)
            return false;

        await EndAsync(exchange);
        return true;
    }

    private static async Task CancelWhenAnsweredAsync(Exchange exchange, CancellationTokenSource answered)
    {
        await exchange.AnsweredAsync();
        try
        {
            await answered.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // All had been sent.
        }
    }

    // Bytes that are in memory are sent from where they lie, two blocks at a time.
    private async Task SendHeldAsync(HeldStream body, Exchange exchange, IdleClock clock)
    {
        while (exchange.WantsMore)
        {
            var piece = Take(body);
            var next = Take(body);
            clock.Start();
            if (!piece.IsEmpty)
                await exchange.SendAsync(piece, next);
            if (_count == Length)
            {
                await EndAsync(exchange);
                return;
            }
        }
    }

    private ReadOnlyMemory<byte> Take(HeldStream body)
    {
        var piece = body.Take();
        _crc.Append(piece.Span);
        _count += piece.Length;
        return piece;
    }

    private async Task EndAsync(Exchange exchange)
    {
        await exchange.EndAsync();
        if (!exchange.HasSentAll)
            return;

        Whole = (_count, _crc.Value);
        IsSent = true;
    }

    // Until there is something to read or the body ends, without a block: a client that sends nothing holds none.
    [SuppressMessage("Reliability", "CA2022", Justification = "A read of nothing has nothing to be inexact about.")]
    private async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            _ = await _body.ReadAsync(Memory<byte>.Empty, cancellationToken);
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            Failure = ExceptionDispatchInfo.Capture(failure);
            throw;
        }
    }

    private async ValueTask<int> ReadAsync(Memory<byte> into, CancellationToken cancellationToken)
    {
        try
        {
            var read = await _body.ReadAsync(into, cancellationToken);
            _crc.Append(into.Span[..read]);
            _count += read;

            // Once all promised bytes are out the far end takes the body for complete, so a surplus must show before the last of them.
            if (Length is { } length && (_count > length || (read == 0 && _count < length)))
                throw new BodyLengthException(length, _count);
            if (read > 0 && _count == Length && await _body.ReadAsync(new byte[1], cancellationToken) > 0)
                throw new BodyLengthException(_count, _count + 1);

            return read;
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            Failure = ExceptionDispatchInfo.Capture(failure);
            throw;
        }
    }
}
