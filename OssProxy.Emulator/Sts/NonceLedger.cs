namespace OssProxy.Emulator.Sts;

/// <summary>
/// Nonces that were used, for as long as the timestamp beside them would still be accepted. Bounded; when full, calls are throttled:
/// to forget one early would let a recorded call be played again.
/// </summary>
internal sealed class NonceLedger(int capacity = NonceLedger.Capacity)
{
    /// <summary>The service itself takes 6000 calls a minute; this is as many in the half hour that a timestamp can live.</summary>
    public const int Capacity = 180_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string AccessKeyId, string Nonce), DateTimeOffset> _used = [];

    /// <exception cref="Errors.OssException">It was used before, or too many are remembered.</exception>
    public void Use(string accessKeyId, string nonce, DateTimeOffset acceptedUntil, DateTimeOffset now)
    {
        lock (_gate)
        {
            if (_used.TryGetValue((accessKeyId, nonce), out var end) && now <= end)
                throw StsErrors.SignatureNonceUsed();

            if (_used.Count >= capacity)
            {
                foreach (var past in _used.Where(u => now > u.Value).Select(u => u.Key).ToList())
                    _used.Remove(past);

                if (_used.Count >= capacity)
                    throw StsErrors.Throttled();
            }

            _used[(accessKeyId, nonce)] = acceptedUntil;
        }
    }
}
