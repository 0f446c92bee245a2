namespace OssProxy.Core.Rendering.Workers;

/// <summary>Lets one line through in a while and counts those that it holds back: what a stranger can cause again and again does not fill
/// the log.</summary>
internal sealed class LogPace(TimeSpan period, TimeProvider time)
{
    private readonly Lock _gate = new();
    private long? _lastAt;
    private int _held;

    /// <summary>Whether a line may be written; and how many were not since the last.</summary>
    public bool TryPass(out int held)
    {
        lock (_gate)
        {
            held = _held;
            if (_lastAt is { } last && time.GetElapsedTime(last) < period)
            {
                _held++;
                return false;
            }

            _held = 0;
            _lastAt = time.GetTimestamp();
            return true;
        }
    }
}
