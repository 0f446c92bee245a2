using OssProxy.Core.Streams;

namespace OssProxy.Core.Oss;

/// <summary>The bytes of an object as they arrive. The idle clock runs only while a read is under way: a slow reader on our side is not the
/// store's fault. A failure of the store is an <see cref="OssTransportException"/>.</summary>
internal sealed class OssReplyBody : ReadOnlyStream
{
    private readonly HttpResponseMessage _message;
    private readonly Stream _inner;
    private readonly IdleClock _clock;

    public OssReplyBody(HttpResponseMessage message, Stream inner, IdleClock clock)
    {
        _message = message;
        _inner = inner;
        _clock = clock;
        _clock.Stop();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // A read's own token, or that of the call that opened the object: the clock is linked to the latter.
        using var linked = cancellationToken.CanBeCanceled
            ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _clock.Token)
            : null;
        _clock.Start();
        try
        {
            return await _inner.ReadAsync(buffer, linked?.Token ?? _clock.Token);
        }
        catch (OperationCanceledException failure) when (_clock.Expired && !cancellationToken.IsCancellationRequested)
        {
            throw new OssTransportException(OssTransportError.TimedOut, "The store stopped sending the object.", failure);
        }
        catch (Exception failure) when (failure is IOException or HttpRequestException)
        {
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
            _inner.Dispose();
            _message.Dispose();
            _clock.Dispose();
        }

        base.Dispose(disposing);
    }

    public override async ValueTask DisposeAsync()
    {
        await _inner.DisposeAsync();
        await base.DisposeAsync();
    }
}
