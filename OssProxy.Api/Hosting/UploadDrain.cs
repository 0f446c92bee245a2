using Microsoft.Extensions.Options;

namespace OssProxy.Api.Hosting;

/// <summary>
/// A stop in two steps. As soon as the host begins to stop, no new upload is let in and those in flight go on; when
/// <see cref="ServerOptions.DrainTimeout"/> has passed they are ended, each undoes itself and its client is told to come back.
/// </summary>
public sealed class UploadDrain : IDisposable
{
    private readonly CancellationToken _stopping;
    private readonly CancellationTokenSource _expired;
    private readonly CancellationTokenRegistration _registration;

    public UploadDrain(IHostApplicationLifetime lifetime, IOptions<ServerOptions> options, TimeProvider time)
    {
        _stopping = lifetime.ApplicationStopping;
        _expired = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _registration = _stopping.Register(() => _expired.CancelAfter(options.Value.DrainTimeout));
    }

    /// <summary>Fires when the patience of a stop has run out.</summary>
    public CancellationToken Expired => _expired.Token;

    /// <summary>Whether a stop has begun.</summary>
    public bool IsStopping => _stopping.IsCancellationRequested;

    public void Dispose()
    {
        _registration.Dispose();
        _expired.Dispose();
    }
}
