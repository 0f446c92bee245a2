using OssProxy.Core.Identity;

namespace OssProxy.Api.Access;

/// <summary>Keeps looks at passwords from taking the processors that uploads need: two at a time, sixteen waiting, everybody else is told to
/// come back.</summary>
public sealed class PasswordQueue : IDisposable
{
    private const int AtOnce = 2;
    private const int MostWaiting = 16;
    private static readonly TimeSpan ComeBack = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _slots = new(AtOnce, AtOnce);
    private int _inside;

    /// <summary>Waits for a turn, which lasts until what is returned is disposed.</summary>
    /// <exception cref="IdentityException"><see cref="IdentityError.TooManyRequests"/>.</exception>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _inside) > AtOnce + MostWaiting)
        {
            Interlocked.Decrement(ref _inside);
            throw new IdentityException(IdentityError.TooManyRequests, "Too many passwords are waiting to be looked at.") { RetryAfter = ComeBack };
        }

        try
        {
            await _slots.WaitAsync(cancellationToken);
        }
        catch
        {
            Interlocked.Decrement(ref _inside);
            throw;
        }

        return new Turn(this);
    }

    public void Dispose() => _slots.Dispose();

    private void Leave()
    {
        _slots.Release();
        Interlocked.Decrement(ref _inside);
    }

    private sealed class Turn(PasswordQueue queue) : IDisposable
    {
        private bool _isOver;

        public void Dispose()
        {
            if (_isOver)
                return;
            _isOver = true;
            queue.Leave();
        }
    }
}
