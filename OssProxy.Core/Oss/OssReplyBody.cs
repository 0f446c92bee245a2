using OssProxy.Core.Http;
using OssProxy.Core.Streams;

namespace OssProxy.Core.Oss;

/// <summary>The bytes of an object as they arrive. The idle clock runs only while a read is under way: a slow reader on our side is not the
/// store's fault. A failure of the store is an <see cref="OssTransportException"/>.</summary>
internal sealed class OssReplyBody : ReadOnlyStream
{
    private readonly Exchange _exchange;
    private readonly IdleClock _clock;

    public OssReplyBody(Exchange exchange, IdleClock clock)
    {
        _exchange = exchange;
        _clock = clock;
        _clock.Stop();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // A read's own token, or that of the call that opened the object, which ends the exchange by itself.
        using var ending = cancellationToken.UnsafeRegister(static exchange => ((Exchange)exchange!).Abort(), _exchange);
        _clock.Start();
        try
        {
            return await _exchange.ReadAsync(buffer);
        }
        catch (IOException failure)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_clock.Expired)
                throw new OssTransportException(OssTransportError.TimedOut, "The store stopped sending the object.", failure);

            _clock.Token.ThrowIfCancellationRequested();
            if (failure is ResponseFormatException)
                throw new OssTransportException(OssTransportError.AnswerUnreadable, $"The object is no HTTP: {failure.Message}", failure);

            throw new OssTransportException(OssTransportError.Unreachable, "The connection broke before the object was complete.", failure);
        }
        finally
        {
            _clock.Stop();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _exchange.Dispose();
            _clock.Dispose();
        }

        base.Dispose(disposing);
    }
}
