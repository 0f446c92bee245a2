using Microsoft.Extensions.Hosting;
using OssProxy.Core.Oss;
using OssProxy.Core.Storage;

namespace OssProxy.Core.Derivatives;

/// <summary>Where results lie: among the originals, in a bucket of their own, which has connections and buffers of its own so that no
/// upload waits for them, or in a folder of the disk that nobody is served from.</summary>
internal sealed class ResultPlace : IHostedService, IDisposable
{
    private readonly OssClient? _own;

    /// <summary>Among the originals.</summary>
    public ResultPlace(IObjectStore originals) => Store = originals;

    /// <summary>In a bucket of their own.</summary>
    public ResultPlace(OssClient own)
    {
        (_own, Store) = (own, new OssObjectStore(own));
        IsOwnBucket = true;
    }

    public IObjectStore Store { get; }

    /// <summary>Whether OSS, too, may keep results there, by mirroring.</summary>
    public bool IsOwnBucket { get; }

    // What a killed process of this node was writing when it died.
    public Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            (Store as FileSystemObjectStore)?.Sweep();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // It lies there until the next start, and does no harm.
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _own?.Dispose();
}
