using OssProxy.Core.Oss;

namespace OssProxy.Core.Grants;

/// <summary>How many bytes a file may have, both ends included: 1 at least, as much as one put can make at most. There is none without both
/// ends, so nothing that needs one can be made without a bound.</summary>
public sealed record SizeRange
{
    /// <exception cref="ArgumentOutOfRangeException">Less than one byte, more than one put can make, or ends in the wrong order.</exception>
    public SizeRange(long min, long max)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(min, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(max, min);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(max, OssObjects.MaxPutBytes);
        (Min, Max) = (min, max);
    }

    public long Min { get; }

    public long Max { get; }

    /// <summary>Whether it is one size alone.</summary>
    public bool IsExact => Min == Max;

    public bool Holds(long length) => length >= Min && length <= Max;
}
