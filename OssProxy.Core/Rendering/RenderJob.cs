using System.Collections.Immutable;
using OssProxy.Core.Images;

namespace OssProxy.Core.Rendering;

/// <summary>One piece of work for an engine: a source, what is done to it, and how far it may go.</summary>
public sealed record RenderJob
{
    /// <summary>The bytes of the source.</summary>
    public required ReadOnlyMemory<byte> Source { get; init; }

    /// <summary>What is done to it.</summary>
    public required ImageProcess Process { get; init; }

    /// <summary>The bytes of the watermarks' images, by key; one for each of <see cref="ImageProcess.WatermarkKeys"/>.</summary>
    public ImmutableDictionary<string, ReadOnlyMemory<byte>> Marks { get; init; } = ImmutableDictionary<string, ReadOnlyMemory<byte>>.Empty;

    /// <summary>The format that was negotiated, for a process that has no <c>format</c>; <see cref="ImageFormat.Source"/> for none.</summary>
    public ImageFormat Preferred { get; init; }

    /// <summary>For whom it is done: clients take turns. Empty for nobody in particular.</summary>
    public string Client { get; init; } = "";

    /// <summary>Whether it goes before those that wait, and always finds room among them: for callers who have paid for it already, as an
    /// upload has that came in whole, and who bound by themselves how many they ask for at once.</summary>
    public bool IsUrgent { get; init; }

    /// <summary>How far it may go.</summary>
    public RenderLimits Limits { get; init; } = new();
}

/// <summary>How far a rendering may go; beyond it the answer is <see cref="ImageError.ImageTooLarge"/>.</summary>
public sealed record RenderLimits
{
    /// <summary>Largest source in bytes (OSS: 20 MB).</summary>
    public long SourceBytes { get; init; } = 20 * 1024 * 1024;

    /// <summary>Longest side of a source in pixels (OSS: 30,000).</summary>
    public int SourceSide { get; init; } = 16_384;

    /// <summary>Pixels of a source, times its frames (OSS: 250,000,000).</summary>
    public long SourcePixels { get; init; } = 50_000_000;

    /// <summary>Frames of an animation.</summary>
    public int Frames { get; init; } = 300;

    /// <summary>Longest side of a result in pixels (OSS: 16,384).</summary>
    public int ResultSide { get; init; } = 16_384;

    /// <summary>Pixels of a result, times its frames (OSS: 16,777,216).</summary>
    public long ResultPixels { get; init; } = 16_777_216;

    /// <summary>Image watermarks of one process (OSS: 3).</summary>
    public int WatermarkImages { get; init; } = 3;

    /// <summary>Longest side of what <c>rotate</c> is given, in pixels (OSS: 4096).</summary>
    public int RotateSide { get; init; } = 4096;
}

/// <summary>What came of a <see cref="RenderJob"/>.</summary>
public sealed record RenderResult
{
    /// <summary>The bytes of the result; the source's own when <see cref="Unchanged"/>.</summary>
    public required ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>Its media type.</summary>
    public required string MediaType { get; init; }

    /// <summary>Its size in pixels, of one frame; 0 for JSON.</summary>
    public int Width { get; init; }

    /// <summary>Likewise.</summary>
    public int Height { get; init; }

    /// <summary>Its frames.</summary>
    public int Frames { get; init; } = 1;

    /// <summary>Whether there was nothing to do, so that the result is the source.</summary>
    public bool Unchanged { get; init; }
}
