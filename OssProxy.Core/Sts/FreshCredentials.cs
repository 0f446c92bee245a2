using System.Runtime.ExceptionServices;

namespace OssProxy.Core.Sts;

/// <summary>
/// Credentials of one scope that are replaced before they end. Whoever finds that little of their life is left has others fetched and waits;
/// everybody who comes meanwhile waits for the same request, or is given the old ones as long as they are good for a while. A failure to
/// renew is nobody's failure while the old ones live. None are ever given that have expired. The request belongs to nobody: who gives up
/// waiting leaves it to the others, and its own time-out ends it.
/// </summary>
/// <param name="obtain">Fetches new ones; ends by itself, and throws <see cref="StsException"/>.</param>
internal sealed class FreshCredentials(Func<Task<TemporaryCredentials>> obtain, TimeProvider time)
{
    /// <summary>How much life is left when others are fetched; a third of all of it where that is less.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    /// <summary>With less life than this, old ones are no help any more: a large part may take as long to send.</summary>
    public static readonly TimeSpan Usable = TimeSpan.FromSeconds(60);

    // How long the old ones do after a failure before others are asked for again, and how young those are that no asking makes better.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private Held? _held;
    private TaskCompletionSource<Outcome>? _flight;
    private DateTimeOffset _notBefore = DateTimeOffset.MinValue;

    /// <summary>Whether there is nothing left that could be given.</summary>
    public bool HasEnded => Volatile.Read(ref _held) is not { } held || time.GetUtcNow() >= held.Credentials.GoodUntil;

    /// <summary>Credentials that are good now.</summary>
    /// <exception cref="StsException">There are none, and no others could be fetched.</exception>
    public ValueTask<TemporaryCredentials> GetAsync(CancellationToken cancellationToken) =>
        Volatile.Read(ref _held) is { } held && time.GetUtcNow() < held.RenewAt
            ? new(held.Credentials)
            : new(RenewedAsync(cancellationToken));

    /// <summary>Hears that these are not accepted any more. True when the next ones will be others: these are the ones held, and not so young
    /// that others would fare no better; or they have been replaced already.</summary>
    public bool Discard(string accessKeyId)
    {
        lock (_gate)
        {
            if (_held is not { } held || held.Credentials.Credentials.AccessKeyId != accessKeyId)
                return true;
            if (time.GetUtcNow() - held.Since < Patience)
                return false;

            (_held, _notBefore) = (null, DateTimeOffset.MinValue);
            return true;
        }
    }

    private async Task<TemporaryCredentials> RenewedAsync(CancellationToken cancellationToken)
    {
        Held? old;
        TaskCompletionSource<Outcome> flight;
        bool mine;
        lock (_gate)
        {
            var now = time.GetUtcNow();
            old = _held is { } held && held.Credentials.GoodUntil - now > Usable ? _held : null;

            // Another one has just fetched them, is about to, or has just failed to.
            if (_held is not null && now < _held.RenewAt)
                return _held.Credentials;
            if (old is not null && (_flight is not null || now < _notBefore))
                return old.Credentials;
            mine = _flight is null;
            flight = _flight ??= new TaskCompletionSource<Outcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        if (mine)
            _ = FlyAsync(flight);
        var outcome = await flight.Task.WaitAsync(cancellationToken);
        var end = time.GetUtcNow();
        if (outcome.Credentials is { } fresh && end < fresh.GoodUntil)
            return fresh;
        if (old is not null && end < old.Credentials.GoodUntil - Usable)
            return old.Credentials;
        if (outcome.Failure is StsException told)
            throw told.Again();
        if (outcome.Failure is { } unforeseen)
            ExceptionDispatchInfo.Throw(unforeseen);
        throw new StsException(StsError.StsUnavailable, "What was given had expired when it came; the clocks may differ.");
    }

    // Its failure is its result, so that it is nobody's to observe.
    private async Task FlyAsync(TaskCompletionSource<Outcome> flight)
    {
        Outcome outcome;
        try
        {
            outcome = new Outcome(await obtain(), null);
        }
        catch (Exception failure)
        {
            outcome = new Outcome(null, failure);
        }

        lock (_gate)
        {
            var now = time.GetUtcNow();
            _flight = null;
            if (outcome.Credentials is { } fresh)
                _held = new Held(fresh, now);
            else
                _notBefore = now + Patience;
        }

        flight.SetResult(outcome);
    }

    private sealed record Outcome(TemporaryCredentials? Credentials, Exception? Failure);

    private sealed class Held(TemporaryCredentials credentials, DateTimeOffset since)
    {
        public TemporaryCredentials Credentials { get; } = credentials;

        public DateTimeOffset Since { get; } = since;

        public DateTimeOffset RenewAt { get; } = RenewalOf(credentials.GoodUntil, since);

        private static DateTimeOffset RenewalOf(DateTimeOffset end, DateTimeOffset since)
        {
            var third = (end - since) / 3;
            return end - (third < Margin ? third : Margin);
        }
    }
}
