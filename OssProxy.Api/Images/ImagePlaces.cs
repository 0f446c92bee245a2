using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using OssProxy.Core.Derivatives;
using OssProxy.Core.Identity;

namespace OssProxy.Api.Images;

/// <summary>How many images that are not there yet one address may wait for at a time: whoever asks for thousands of them is to leave the
/// renderers to others as well.</summary>
public sealed class ImagePlaces(IOptions<ImageOptions> options)
{
    private static readonly TimeSpan UntilOneMayBeDone = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _taken = new(StringComparer.Ordinal);

    /// <summary>Takes a place; disposing the result gives it back.</summary>
    /// <exception cref="IdentityException"><see cref="IdentityError.TooManyRequests"/>.</exception>
    public IDisposable Enter(string address)
    {
        lock (_gate)
        {
            ref var taken = ref CollectionsMarshal.GetValueRefOrAddDefault(_taken, address, out _);
            if (taken >= options.Value.PerClient)
            {
                throw new IdentityException(IdentityError.TooManyRequests, $"{address} waits for {taken} images that are being made.")
                {
                    RetryAfter = UntilOneMayBeDone,
                };
            }

            taken++;
        }

        return new Place(this, address);
    }

    private void Leave(string address)
    {
        lock (_gate)
        {
            if (--CollectionsMarshal.GetValueRefOrNullRef(_taken, address) == 0)
                _taken.Remove(address);
        }
    }

    private sealed class Place(ImagePlaces places, string address) : IDisposable
    {
        private int _isLeft;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isLeft, 1) == 0)
                places.Leave(address);
        }
    }
}
