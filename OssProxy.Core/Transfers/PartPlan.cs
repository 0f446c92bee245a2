namespace OssProxy.Core.Transfers;

/// <summary>
/// How large each part is. A store takes 10,000 of them and nobody knows beforehand how long a body is, so the size grows with the position:
/// it doubles every 750 parts, up to 4 GiB. So 8 MiB serve the first 6,000 MiB, every beginning from 1 MiB on reaches 5 TB before the
/// numbers run out, and no part comes near the 5 GB that OSS takes at once. (OSS limits: multipart upload.)
/// </summary>
/// <param name="firstBytes">Bytes of the first parts, 100 KiB to 4 GiB; 5 TB need at least 1 MiB.</param>
public sealed class PartPlan(long firstBytes)
{
    /// <summary>The most parts of one object.</summary>
    public const int MaxParts = 10_000;

    /// <summary>The largest object that is sent in parts, in bytes: 5 TB.</summary>
    public const long MaxObjectBytes = 5L * 1024 * 1024 * 1024 * 1024;

    /// <summary>The largest part, in bytes.</summary>
    public const long MaxPartBytes = 4L * 1024 * 1024 * 1024;

    private const int PartsOfOneSize = 750;

    /// <summary>Bytes of a part; the last may be smaller.</summary>
    /// <param name="number">1 to <see cref="MaxParts"/>.</param>
    public long SizeOf(int number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(number, MaxParts);
        return Math.Min(firstBytes << ((number - 1) / PartsOfOneSize), MaxPartBytes);
    }
}
