namespace OssProxy.Core.Streams;

/// <summary>
/// Ends a body that has gone silent: a single read that gets nothing for longer than <paramref name="timeout"/> throws what
/// <paramref name="onIdle"/> makes. Only waiting for the body counts; while its reader is busy elsewhere, for instance because the store is
/// slow, no clock runs. The total time is not limited.
/// </summary>
public sealed class IdleStream(Stream inner, TimeSpan timeout, TimeProvider time, Func<Exception> onIdle) : ReadOnlyStream
{
    // One source for the life of the body: armed before a read, disarmed after it.
    private readonly CancellationTokenSource _idle = new(Timeout.InfiniteTimeSpan, time);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _idle.CancelAfter(timeout);
        try
        {
            using var stop = cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _idle);
            return await inner.ReadAsync(buffer, _idle.Token);
        }
        catch (OperationCanceledException) when (_idle.IsCancellationRequested)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw onIdle();
        }
        finally
        {
            _idle.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _idle.Dispose();
        base.Dispose(disposing);
    }
}
