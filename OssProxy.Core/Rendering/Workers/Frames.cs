using System.Buffers;
using System.Collections.Immutable;
using OssProxy.Core.Images;

namespace OssProxy.Core.Rendering.Workers;

/// <summary>What a job says before its bytes come.</summary>
/// <param name="Process">The canonical spelling; the worker parses it anew.</param>
/// <param name="SourceLength">Bytes of the source, which come first.</param>
/// <param name="Marks">The images of watermarks in the order in which their bytes come.</param>
internal sealed record JobHead(
    string Process, ImageFormat Preferred, RenderLimits Limits, int SourceLength, ImmutableArray<(string Key, int Length)> Marks)
{
    /// <summary>The longest body of a job that a worker takes, in bytes. The limits of a job are the pool's own; this holds for a peer that
    /// writes rubbish.</summary>
    public const long MostBodyBytes = 1L << 30;

    public static JobHead Of(RenderJob job) => new(
        job.Process.Canonical, job.Preferred, job.Limits, job.Source.Length, [.. job.Marks.Select(mark => (mark.Key, mark.Value.Length))]);

    public long BodyLength => SourceLength + Marks.Sum(mark => (long)mark.Length);

    public ReadOnlyMemory<byte> Write()
    {
        var head = new HeadWriter().Add(Process).Add((byte)Preferred)
            .Add(Limits.SourceBytes).Add(Limits.SourceSide).Add(Limits.SourcePixels).Add(Limits.Frames)
            .Add(Limits.ResultSide).Add(Limits.ResultPixels).Add(Limits.WatermarkImages).Add(Limits.RotateSide)
            .Add(SourceLength).Add(Marks.Length);
        foreach (var (key, length) in Marks)
            head.Add(key).Add(length);
        return head.Close(FrameKind.Job, BodyLength);
    }

    /// <exception cref="InvalidDataException">It is none.</exception>
    public static JobHead Read(ReadOnlySpan<byte> bytes, long bodyLength)
    {
        var head = new HeadReader(bytes);
        var process = head.Text();
        var preferred = head.Member<ImageFormat>();
        var limits = new RenderLimits
        {
            SourceBytes = head.Long(),
            SourceSide = head.Int(),
            SourcePixels = head.Long(),
            Frames = head.Int(),
            ResultSide = head.Int(),
            ResultPixels = head.Long(),
            WatermarkImages = head.Int(),
            RotateSide = head.Int(),
        };
        var source = head.Int();
        var marks = ImmutableArray.CreateBuilder<(string, int)>();
        for (var count = head.Int(); count > 0; count--)
            marks.Add((head.Text(), head.Int()));
        head.End();
        var job = new JobHead(process, preferred, limits, source, marks.ToImmutable());
        if (source < 0 || job.Marks.Any(mark => mark.Length < 0) || job.BodyLength != bodyLength)
            throw new InvalidDataException("The parts of the body are not as long as the body.");
        return job;
    }
}

/// <summary>What a result says before its bytes come.</summary>
internal sealed record ResultHead(string MediaType, int Width, int Height, int Frames, bool Unchanged)
{
    private const int LongestMediaType = 64;
    private static readonly SearchValues<char> Subtype = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-.");

    /// <summary>Bytes that a result may have for each pixel: four of eight bits, and as many again for what cannot be compressed.</summary>
    private const int MostBytesOfPixel = 8;

    /// <summary>Bytes for each pixel of what is as large as its source: a BMP with alpha has as many.</summary>
    private const int MostBytesOfSourcePixel = 4;
    private const int MostBytesBeside = 1 << 20;

    // A pool takes no more into its memory from a worker, whatever the limits say.
    private const long MostBytesOfAll = 1L << 30;

    public static ResultHead Of(RenderResult result) =>
        new(result.MediaType, result.Width, result.Height, result.Frames, result.Unchanged);

    /// <summary>The longest content that the pool takes for a result within these limits, in bytes. What is longer a worker
    /// refuses.</summary>
    public static long MostBytes(RenderLimits limits) => Math.Min(MostBytesOfAll, MostBytesBeside + Math.Max(
        Math.Clamp(limits.ResultPixels, 0, MostBytesOfAll) * MostBytesOfPixel,
        Math.Clamp(limits.SourcePixels, 0, MostBytesOfAll) * MostBytesOfSourcePixel));

    /// <summary>Whether the pool will take it, of whose limits these are: so that what is too large is a refusal, and costs no
    /// worker.</summary>
    public bool IsWithin(RenderLimits limits, long contentLength)
    {
        var side = Math.Max(limits.ResultSide, limits.SourceSide);
        return contentLength <= MostBytes(limits) && Width >= 0 && Width <= side && Height >= 0 && Height <= side
            && Frames >= 0 && Frames <= Math.Max(limits.Frames, 1);
    }

    public ReadOnlyMemory<byte> Write(long contentLength) =>
        new HeadWriter().Add(MediaType).Add(Width).Add(Height).Add(Frames).Add(Unchanged).Close(FrameKind.Result, contentLength);

    /// <summary>Reads it. A worker that a source has taken over can say what it likes, so it can be no page and no script.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static ResultHead Read(ReadOnlySpan<byte> bytes, RenderLimits limits)
    {
        var head = new HeadReader(bytes);
        var result = new ResultHead(head.Text(), head.Int(), head.Int(), head.Int(), head.Bool());
        head.End();
        if (!IsHarmless(result.MediaType))
            throw new InvalidDataException("A result of a type that nobody makes here.");
        if (!result.IsWithin(limits, contentLength: 0))
            throw new InvalidDataException("A result that is larger than it may be.");
        return result;
    }

    public RenderResult With(ReadOnlyMemory<byte> content) => new()
    {
        Content = content,
        MediaType = MediaType,
        Width = Width,
        Height = Height,
        Frames = Frames,
        Unchanged = Unchanged,
    };

    private static bool IsHarmless(string type) =>
        type == "application/json"
        || (type.Length <= LongestMediaType && type.StartsWith("image/", StringComparison.Ordinal)
            && type.AsSpan(6).IndexOfAnyExcept(Subtype) < 0);
}

/// <summary>Why nothing came of a job, as an exception that travels; its inner one as words for the log.</summary>
internal static class RefusalHead
{
    private const int MostDetail = 4000;

    public static ReadOnlyMemory<byte> Write(ImageException refusal)
    {
        // What nobody foresaw is told with the place where it happened.
        var detail = refusal.Error == ImageError.RenderingFailed ? refusal.InnerException?.ToString() : refusal.InnerException?.Message;
        return new HeadWriter().Add((byte)refusal.Error).Add(refusal.Code).Add(refusal.Message).Add(refusal.Ec)
            .Add(detail?.Length > MostDetail ? detail[..MostDetail] : detail).Close(FrameKind.Refusal, 0);
    }

    /// <exception cref="InvalidDataException">It is none.</exception>
    public static ImageException Read(ReadOnlySpan<byte> bytes)
    {
        var head = new HeadReader(bytes);
        var error = head.Member<ImageError>();
        var (code, message, ec, detail) = (head.Text(), head.Text(), head.TextOrNull(), head.TextOrNull());
        head.End();
        return new ImageException(error, code, message, ec, detail is null ? null : new WorkerWordsException(LastWords.OneLine(detail)));
    }
}

/// <summary>What a worker says of the cause of a refusal.</summary>
internal sealed class WorkerWordsException(string message) : Exception(message);
