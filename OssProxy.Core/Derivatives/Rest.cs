namespace OssProxy.Core.Derivatives;

/// <summary>Whether something that has failed is left alone for a while: whoever asks meanwhile does not wait for it to fail again.</summary>
internal sealed class Rest(TimeSpan length, TimeProvider time)
{
    private readonly Lock _gate = new();
    private long? _failedAt;

    /// <summary>Whether it has just failed.</summary>
    public bool IsOn
    {
        get
        {
            lock (_gate)
                return _failedAt is { } at && time.GetElapsedTime(at) < length;
        }
    }

    /// <summary>It has worked.</summary>
    public void End()
    {
        lock (_gate)
            _failedAt = null;
    }

    /// <summary>It has failed; true when it had worked before.</summary>
    public bool Begin()
    {
        lock (_gate)
        {
            var isNews = _failedAt is null;
            _failedAt = time.GetTimestamp();
            return isNews;
        }
    }
}
