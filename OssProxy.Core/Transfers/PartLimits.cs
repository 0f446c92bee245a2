using OssProxy.Core.Streams;

namespace OssProxy.Core.Transfers;

/// <summary>How much a transfer gathers, and how it cuts what is longer.</summary>
public sealed record PartLimits
{
    /// <summary>What a file is gathered up to before it is decided how it goes; bytes.</summary>
    public long ReplayBytes { get; init; } = 1024 * 1024;

    /// <summary>Files that may be as long as this go in parts; bytes.</summary>
    public long PartThreshold { get; init; } = 64L * 1024 * 1024;

    /// <summary>Bytes of the first parts.</summary>
    public long PartBytes { get; init; } = 8L * 1024 * 1024;

    /// <summary>The most parts of one upload under way at a time.</summary>
    public int PartsInFlight { get; init; } = 3;

    /// <summary>What one upload may hold at a time of a budget, in bytes: a quarter. So at least three large uploads fit into what may be
    /// gathered at all, and one alone leaves twice its own for small ones.</summary>
    public static long ShareOf(BufferBudget budget) => budget.TotalBytes / 4;
}
