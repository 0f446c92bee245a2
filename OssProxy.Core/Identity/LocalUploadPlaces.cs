namespace OssProxy.Core.Identity;

/// <summary>The places that uploads of one process have. Remembers nobody who has none.</summary>
internal sealed class LocalUploadPlaces : IUploadPlaces
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _taken = new(StringComparer.Ordinal);

    /// <summary>How many subjects have places.</summary>
    internal int Subjects
    {
        get
        {
            lock (_gate)
                return _taken.Count;
        }
    }

    /// <inheritdoc/>
    public ValueTask<IAsyncDisposable?> TryEnterAsync(IReadOnlyList<UploadShare> shares, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (shares.Any(share => _taken.GetValueOrDefault(share.Subject) >= share.Most))
                return ValueTask.FromResult<IAsyncDisposable?>(null);
            foreach (var share in shares)
                _taken[share.Subject] = _taken.GetValueOrDefault(share.Subject) + 1;
        }

        return ValueTask.FromResult<IAsyncDisposable?>(new Place(this, shares));
    }

    private void Leave(IReadOnlyList<UploadShare> shares)
    {
        lock (_gate)
        {
            foreach (var share in shares)
            {
                if (--_taken[share.Subject] == 0)
                    _taken.Remove(share.Subject);
            }
        }
    }

    private sealed class Place(LocalUploadPlaces places, IReadOnlyList<UploadShare> shares) : IAsyncDisposable
    {
        private LocalUploadPlaces? _places = places;

        public ValueTask DisposeAsync()
        {
            Interlocked.Exchange(ref _places, null)?.Leave(shares);
            return ValueTask.CompletedTask;
        }
    }
}
