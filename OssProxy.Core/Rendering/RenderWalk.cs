using OssProxy.Core.Images;
using OssProxy.Core.Rendering.Vips;

namespace OssProxy.Core.Rendering;

/// <summary>The walk of one job: look, plan, decode, step by step, encode.</summary>
internal sealed class RenderWalk(VipsWorkshop workshop, RenderJob job, EngineReport report)
{
    private const string Json = "application/json";

    public RenderResult Run()
    {
        if (job.Process.Actions.OfType<Watermark>().Count(mark => mark.Image is not null) > job.Limits.WatermarkImages)
            throw Refusals.TooManyMarks(job.Limits.WatermarkImages);

        var source = SourcePicture.Open(workshop, job.Source, job.Limits);
        if (job.Process.Actions.Any(action => action is Info))
            return new RenderResult { Content = PictureFacts.Json(source), MediaType = Json };

        var plan = PlanOf(source);
        if (job.Process.Actions.Any(action => action is AverageHue))
            return new RenderResult { Content = MainColour.Json(Decoder(source).Miniature()), MediaType = Json };
        if (IsUnchanged(source, plan))
            return Same(source);
        CheckWrites(plan.Format);

        var (picture, left) = Decoder(source).Decode(plan);
        var steps = new PictureSteps(workshop, job.Limits);
        foreach (var step in left)
            picture = step is Watermark mark ? Marks().Applied(picture, mark) : steps.Applied(picture, step);

        PictureSteps.Check(picture, source, job.Limits);
        if (IsNegotiated(plan) && !plan.Format.Holds(picture.Width, picture.Height))
        {
            plan = RenderPlan.WithoutPreference(job.Process, source);
            CheckWrites(plan.Format);
        }

        return new PictureEncoder(workshop).Encode(picture, source, plan);
    }

    /// <summary>A format that nobody asked for is a favour: it counts only where it can be written. Where nothing is done to the pixels it
    /// is known at once whether it holds them, and the source may do as it is.</summary>
    private RenderPlan PlanOf(SourcePicture source)
    {
        var plan = RenderPlan.Of(job.Process, source, report.Writes.Contains(job.Preferred) ? job.Preferred : ImageFormat.Source);
        return IsNegotiated(plan) && !plan.Format.Holds(source.Width, source.Height) && IsIdle(source, plan)
            ? RenderPlan.WithoutPreference(job.Process, source)
            : plan;
    }

    private bool IsNegotiated(RenderPlan plan) => job.Process.Format == ImageFormat.Source && plan.Format == job.Preferred;

    private void CheckWrites(ImageFormat format)
    {
        if (!report.Writes.Contains(format))
            throw Refusals.NoEncoder(format);
    }

    private PictureDecoder Decoder(SourcePicture source) => new(workshop, source, job.Limits, report);

    private WatermarkStep Marks() => new(workshop, job, report);

    /// <summary>Whether the source's own bytes are the result: nothing touches its pixels or its format, it stands upright, and it
    /// carries nothing that results do not.</summary>
    private static bool IsUnchanged(SourcePicture source, RenderPlan plan)
    {
        if (plan.Rewrites || plan.Format != source.Kind.OwnFormat() || source.Kind == SourceKind.Heic)
            return false;
        if (source.IsTelling || source.Orientation != 1 || (source.Frames > 1 && !plan.Animated))
            return false;

        // Last: the only one that looks at every byte.
        return IsIdle(source, plan) && PlainFile.Is(source.Kind, source.Content.Span);
    }

    private static bool IsIdle(SourcePicture source, RenderPlan plan) =>
        plan.Steps.All(step => PictureSteps.IsIdle(step, source.Width, source.Height, plan.Animated));

    private static RenderResult Same(SourcePicture source) => new()
    {
        Content = source.Content,
        MediaType = source.Kind.MediaType(),
        Width = source.Width,
        Height = source.Height,
        Frames = source.Frames,
        Unchanged = true,
    };
}
