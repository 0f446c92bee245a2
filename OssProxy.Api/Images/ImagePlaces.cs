using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using OssProxy.Core.Derivatives;
using OssProxy.Core.Identity;

namespace OssProxy.Api.Images;

/// <summary>How many images that are not there yet one address may wait for at a time: whoever asks for thousands of them is to leave the
/// renderers to others as well. Many who ask for the same one from behind one address wait for one.</summary>
public sealed class ImagePlaces(IOptions<ImageOptions> options)
{
    private static readonly TimeSpan UntilOneMayBeDone = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Dictionary<string, int>> _taken = new(StringComparer.Ordinal);

    /// <summary>Takes a place for an image; disposing the result gives it back.</summary>
    /// <exception cref="IdentityException"><see cref="IdentityError.TooManyRequests"/>.</exception>
    public IDisposable Enter(string address, string image)
    {
        lock (_gate)
        {
            if (!_taken.TryGetValue(address, out var images))
                _taken.Add(address, images = new Dictionary<string, int>(StringComparer.Ordinal));
            if (images.Count >= options.Value.PerClient && !images.ContainsKey(image))
            {
                throw new IdentityException(IdentityError.TooManyRequests, $"{address} waits for {images.Count} images that are being made.")
                {
                    RetryAfter = UntilOneMayBeDone,
                };
            }

            CollectionsMarshal.GetValueRefOrAddDefault(images, image, out _)++;
        }

        return new Place(this, address, image);
    }

    private void Leave(string address, string image)
    {
        lock (_gate)
        {
            var images = _taken[address];
            if (--CollectionsMarshal.GetValueRefOrNullRef(images, image) == 0)
                images.Remove(image);
            if (images.Count == 0)
                _taken.Remove(address);
        }
    }

    private sealed class Place(ImagePlaces places, string address, string image) : IDisposable
    {
        private int _isLeft;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isLeft, 1) == 0)
                places.Leave(address, image);
        }
    }
}
