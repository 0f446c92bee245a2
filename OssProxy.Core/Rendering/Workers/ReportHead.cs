using OssProxy.Core.Images;

namespace OssProxy.Core.Rendering.Workers;

/// <summary>What an engine says of itself, as it travels.</summary>
internal static class ReportHead
{
    public static ReadOnlyMemory<byte> Write(EngineReport report)
    {
        var head = new HeadWriter().Add(report.Library).Add(report.Version).Add(report.Reads).Add(report.Writes.Count);
        foreach (var format in report.Writes)
            head.Add((byte)format);
        return head.Add(report.DecodesHeic).Add(report.RendersText).Add(report.RendersChinese).Close(FrameKind.Ready, 0);
    }

    /// <exception cref="InvalidDataException">It is none.</exception>
    public static EngineReport Read(ReadOnlySpan<byte> bytes)
    {
        var head = new HeadReader(bytes);
        var (library, version, reads) = (head.Text(), head.Text(), head.Texts());
        var writes = new List<ImageFormat>();
        for (var count = head.Int(); count > 0; count--)
            writes.Add(head.Member<ImageFormat>());
        var report = new EngineReport(library, version, reads, writes, head.Bool(), head.Bool(), head.Bool());
        head.End();
        return report;
    }
}
