using System.Collections.Immutable;
using OssProxy.Core.Images;

namespace OssProxy.Core.Rendering;

/// <summary>What a process means for one source: what changes pixels, in order, and what only says how the result is written.</summary>
internal sealed record RenderPlan
{
    /// <summary>The actions that change pixels, in order.</summary>
    public required ImmutableArray<ImageAction> Steps { get; init; }

    public required ImageFormat Format { get; init; }
    public Quality? Quality { get; init; }
    public bool Interlace { get; init; }

    /// <summary>Whether the picture is turned upright before anything else.</summary>
    public bool Upright { get; init; }

    /// <summary>Whether all frames are kept; otherwise the result is the first.</summary>
    public bool Animated { get; init; }

    /// <summary>Whether the process says how the file is to be written, so that the source's own bytes would not do.</summary>
    public bool Rewrites { get; init; }

    public static RenderPlan Of(ImageProcess process, SourcePicture source, ImageFormat preferred)
    {
        var steps = process.Actions.Where(IsOnPixels).ToImmutableArray();

        // An animation survives nothing but shrinking by width and height (the manual since 2021); a format of one frame takes the first.
        var mayMove = source.Frames > 1
            && steps.All(step => step is Resize { Percent: null } and ({ Width: not null } or { Height: not null }));
        var format = FormatOf(process, source, preferred, mayMove);
        return new RenderPlan
        {
            Steps = steps,
            Format = format,
            Quality = process.Quality,
            Interlace = process.Interlace ?? false,
            Upright = process.Orients,
            Animated = mayMove && format.HoldsFrames(),
            Rewrites = (process.Quality is not null && format is (ImageFormat.Jpeg or ImageFormat.WebP))
                || (process.Interlace is { } interlace && format == ImageFormat.Jpeg && interlace != source.IsProgressive),
        };
    }

    /// <summary>What is done to the image of a watermark, which is never written as a file.</summary>
    public static RenderPlan Of(WatermarkImage mark) => new()
    {
        Steps = [.. (mark.Process?.Actions ?? []).Where(IsOnPixels)],
        Format = ImageFormat.Png,
        Upright = mark.Process?.Orients ?? true,
    };

    /// <summary>What it would be without a format that nobody asked for. The steps are the same, and what moves still does: a format of one
    /// frame is never taken for that.</summary>
    public static RenderPlan WithoutPreference(ImageProcess process, SourcePicture source) => Of(process, source, ImageFormat.Source);

    private static bool IsOnPixels(ImageAction action) => action is not (AutoOrient or Images.Quality or Images.Interlace or Images.Format);

    private static ImageFormat FormatOf(ImageProcess process, SourcePicture source, ImageFormat preferred, bool moves)
    {
        var own = source.Kind.OwnFormat();
        return process.Format switch
        {
            ImageFormat.Gif when source.Kind != SourceKind.Gif => own, // the manual: only a GIF becomes a GIF
            ImageFormat.Source => preferred == ImageFormat.Source || (moves && !preferred.HoldsFrames()) ? own : preferred,
            var asked => asked,
        };
    }
}
