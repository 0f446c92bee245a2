namespace OssProxy.Tests.Fuzz;

/// <summary>What one connection sends.</summary>
/// <param name="Bytes">All of it.</param>
/// <param name="Pieces">The sizes in which it is written, over and over.</param>
/// <param name="Ending">What the client does when it has written all.</param>
/// <param name="Answers">How many answers a client that waits may expect, unless the connection ends.</param>
internal sealed record FuzzCase(byte[] Bytes, int[] Pieces, FuzzEnding Ending, int Answers);

internal enum FuzzEnding
{
    /// <summary>It waits for its answers. Only where the framing is right, or both would wait for ever.</summary>
    Waits,

    /// <summary>It says that no more will come, and listens until the server closes.</summary>
    Closes,

    /// <summary>It is gone, with RST.</summary>
    Vanishes,
}
