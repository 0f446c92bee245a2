using OssProxy.Core.Records;

namespace OssProxy.Core.Identity;

/// <summary>What somebody may have open at once.</summary>
/// <param name="Subject">Who; some 200 characters at most.</param>
/// <param name="Most">How many; 1 at least.</param>
internal readonly record struct UploadShare(string Subject, int Most)
{
    public override string ToString() => $"{Subject} ({Most})";
}

/// <summary>
/// Knows which places for uploads are taken. Whoever implements it is exact, whatever runs at once: no subject ever has more places than its
/// share, and one that has fewer is given one. A place of a process that was killed is free again within a minute or two.
/// </summary>
internal interface IUploadPlaces
{
    /// <summary>Takes a place in every share, or in none.</summary>
    /// <param name="shares">One at least, each of another subject.</param>
    /// <returns>What gives the places back when it is disposed, and never fails; null when a share has no place left.</returns>
    /// <exception cref="RecordsException">They are in a database, which cannot be reached.</exception>
    ValueTask<IAsyncDisposable?> TryEnterAsync(IReadOnlyList<UploadShare> shares, CancellationToken cancellationToken);
}
