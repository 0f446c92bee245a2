namespace OssProxy.Core.Oss;

/// <summary>
/// The time that requests are signed with: ours, corrected by what the store says when it refuses ours (more than 15 minutes apart). An
/// absurd correction would break every later request (aliyun/aliyun-oss-android-sdk#167: a date of 1970), so only one within ten years is
/// believed.
/// </summary>
internal sealed class OssClock(TimeProvider time)
{
    private static readonly TimeSpan Believable = TimeSpan.FromDays(3653);

    private long _offsetTicks;
    private long _measuredTicks = long.MinValue;

    public DateTimeOffset Now => time.GetUtcNow() + Offset;

    /// <summary>The store's clock minus ours.</summary>
    public TimeSpan Offset => TimeSpan.FromTicks(Interlocked.Read(ref _offsetTicks));

    /// <summary>The store's clock minus ours as its last answer shows it: for people, never for signing. Null until one has come.</summary>
    public TimeSpan? Measured => Interlocked.Read(ref _measuredTicks) is var ticks and not long.MinValue ? TimeSpan.FromTicks(ticks) : null;

    /// <summary>Notes the <c>Date</c> of an answer.</summary>
    public void Measure(DateTimeOffset? date)
    {
        if (date is { } server)
            Interlocked.Exchange(ref _measuredTicks, (server - time.GetUtcNow()).Ticks);
    }

    /// <summary>Takes over the store's time; false when it is not believable.</summary>
    public bool Repair(DateTimeOffset? serverTime)
    {
        if (serverTime is not { } server)
            return false;

        var offset = server - time.GetUtcNow();
        if (offset.Duration() > Believable)
            return false;

        Interlocked.Exchange(ref _offsetTicks, offset.Ticks);
        return true;
    }
}
