using System.Globalization;

namespace OssProxy.Core.Rendering.Workers;

/// <summary>What a worker is told when it is started, as its command line says it: <c>render-worker MEMORY TIMEOUT LIBRARY
/// [REPORT]</c>.</summary>
/// <param name="MemoryBytes">Memory that it may have in bytes.</param>
/// <param name="Timeout">How long a job may take; the pool's clock counts, this is for the net below it.</param>
/// <param name="Library">The path of the library; empty to find it.</param>
/// <param name="Known">What the first worker has found out about it; null for the first.</param>
public sealed record WorkerArguments(long MemoryBytes, TimeSpan Timeout, string Library, EngineReport? Known)
{
    /// <summary>The word that makes the program a worker.</summary>
    public const string Word = "render-worker";

    private const string Any = "-";

    /// <summary>The words of the command line behind <see cref="Word"/>.</summary>
    public IEnumerable<string> ToWords()
    {
        yield return MemoryBytes.ToString(CultureInfo.InvariantCulture);
        yield return ((long)Timeout.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        yield return Library.Length > 0 ? Library : Any;
        if (Known is not null)
            yield return Convert.ToBase64String(ReportHead.Write(Known).Span[FrameHead.Length..]);
    }

    /// <summary>Reads them; null when they are none, because somebody has typed the word by hand.</summary>
    public static WorkerArguments? Read(ReadOnlySpan<string> words)
    {
        if (words is not ([_, _, _] or [_, _, _, _])
            || !long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
            || !int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds))
            return null;
        try
        {
            return new WorkerArguments(
                bytes, TimeSpan.FromMilliseconds(milliseconds), words[2] == Any ? "" : words[2],
                words.Length == 4 ? ReportHead.Read(Convert.FromBase64String(words[3])) : null);
        }
        catch (Exception fault) when (fault is FormatException or InvalidDataException)
        {
            return null;
        }
    }
}
