using Microsoft.Extensions.Options;

namespace OssProxy.Core.Identity;

/// <summary>
/// The rates at the doors: how often somebody may ask in a minute, and how many uploads may be open at once. Minutes are fixed windows, so
/// that one count says everything; who times it well gets twice the limit around the turn of one. A limit of 0 costs nothing. Others cost
/// what <see cref="IRequestCounts"/> and <see cref="IUploadPlaces"/> say: nothing worth naming within a process, one round trip each in a
/// database that several share.
/// </summary>
public sealed class RateLimits
{
    // Uploads end at any moment; whoever waits asks again soon.
    private static readonly TimeSpan UntilAPlaceMayBeFree = TimeSpan.FromSeconds(1);

    private static readonly IAsyncDisposable NoPlace = new Nothing();

    private readonly RateOptions _options;
    private readonly IRequestCounts _counts;
    private readonly IUploadPlaces _places;

    internal RateLimits(IOptions<RateOptions> options, IRequestCounts counts, IUploadPlaces places)
    {
        _options = options.Value;
        _counts = counts;
        _places = places;
    }

    /// <summary>Counts a request from an address, before it is known who asks.</summary>
    /// <param name="address">An IPv4 address, or the /64 of an IPv6 address.</param>
    /// <exception cref="IdentityException"><see cref="IdentityError.TooManyRequests"/>.</exception>
    /// <exception cref="Records.RecordsException">The database that counts cannot be reached.</exception>
    public ValueTask RequireAsync(string address, CancellationToken cancellationToken) =>
        CountAsync("address:", address, _options.AddressRequestsPerMinute, cancellationToken);

    /// <summary>Counts a request of a caller; all guests at an address are one.</summary>
    /// <exception cref="IdentityException"><see cref="IdentityError.TooManyRequests"/>.</exception>
    /// <exception cref="Records.RecordsException">The database that counts cannot be reached.</exception>
    public ValueTask RequireAsync(Caller caller, string address, CancellationToken cancellationToken) =>
        IsGuest(caller)
            ? CountAsync("guests:", address, _options.GuestRequestsPerMinute, cancellationToken)
            : CountAsync("caller:", caller.Owner, _options.RequestsPerMinute, cancellationToken);

    /// <summary>Counts an attempt to sign in.</summary>
    /// <exception cref="IdentityException"><see cref="IdentityError.TooManyRequests"/>.</exception>
    /// <exception cref="Records.RecordsException">The database that counts cannot be reached.</exception>
    public ValueTask RequireSignInAsync(string address, CancellationToken cancellationToken) =>
        CountAsync("signin:", address, _options.SignInsPerMinute, cancellationToken);

    /// <summary>Takes a place for an upload; disposing it gives it back and never fails. To be called before anything reads the body.</summary>
    /// <exception cref="IdentityException"><see cref="IdentityError.TooManyOpenUploads"/>.</exception>
    /// <exception cref="Records.RecordsException">The database that counts cannot be reached.</exception>
    public ValueTask<IAsyncDisposable> EnterAsync(Caller caller, string address, CancellationToken cancellationToken)
    {
        var (own, ofAddress) = (IsGuest(caller) ? _options.GuestOpenUploads : _options.OpenUploads, _options.AddressOpenUploads);
        if (own == 0 && ofAddress == 0)
            return ValueTask.FromResult(NoPlace);

        var shares = new List<UploadShare>(2);
        if (own > 0)
            shares.Add(new UploadShare(IsGuest(caller) ? "guests:" + address : "caller:" + caller.Owner, own));
        if (ofAddress > 0)
            shares.Add(new UploadShare("address:" + address, ofAddress));
        return EnterAsync(shares, cancellationToken);
    }

    // A guest who wants to be another has only to say so.
    private static bool IsGuest(Caller caller) => caller.Kind == CallerKind.Guest;

    private ValueTask CountAsync(string sort, string who, int most, CancellationToken cancellationToken) =>
        most == 0 ? ValueTask.CompletedTask : CountAsync(sort + who, most, cancellationToken);

    private async ValueTask CountAsync(string subject, int most, CancellationToken cancellationToken)
    {
        if (await _counts.CountAsync(subject, most, cancellationToken) is { } rest)
            throw new IdentityException(IdentityError.TooManyRequests, $"More than {most} requests a minute of {subject}.") { RetryAfter = rest };
    }

    private async ValueTask<IAsyncDisposable> EnterAsync(IReadOnlyList<UploadShare> shares, CancellationToken cancellationToken) =>
        await _places.TryEnterAsync(shares, cancellationToken)
        ?? throw new IdentityException(
            IdentityError.TooManyOpenUploads, $"One of these has as many uploads open as it may: {string.Join(", ", shares)}.")
        {
            RetryAfter = UntilAPlaceMayBeFree,
        };

    private sealed class Nothing : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
